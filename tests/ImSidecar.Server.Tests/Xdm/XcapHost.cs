using System.Net;
using System.Net.Sockets;
using System.Text;
using ImSidecar.Core.Deferred;
using ImSidecar.Grpc;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Options;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Tests.Deferred;
using ImSidecar.Server.Xdm;
using ImSidecar.Server.Xdm.Embedded;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Tests.Xdm;

/// <summary>The embedded XDMS on a port of its own, with a store of its own.</summary>
internal sealed class XcapHost : IAsyncDisposable
{
    public const string Alice = "sip:alice@example.com";
    public const string Bob = "sip:bob@example.com";
    public const string Ski = "sip:ski@groups.example.com";
    public const string GroupsType = "application/vnd.oma.poc.groups+xml";
    public const string ListsType = "application/resource-lists+xml";
    public const string SkiPath = "org.openmobilealliance.groups/users/sip:alice@example.com/ski";
    public const string ListPath = "resource-lists/users/sip:alice@example.com/index";

    private readonly string _folder;
    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private XcapHost(string folder, WebApplication app)
    {
        _folder = folder;
        _app = app;
        Root = new(app.Urls.Single() + "/xcap-root/");
        _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = Root };
    }

    public Uri Root { get; }

    public EmbeddedDocuments Documents => _app.Services.GetRequiredService<EmbeddedDocuments>();

    /// <summary>What is kept for users who are away.</summary>
    public IDeferredMessageStore Deferred => _app.Services.GetRequiredService<IDeferredMessageStore>();

    public XcapWriting Writing => _app.Services.GetRequiredService<XcapWriting>();

    public DocumentWork Work => _app.Services.GetRequiredService<DocumentWork>();

    public IDocumentStore Store => _app.Services.GetRequiredService<IDocumentStore>();

    public XcapMetrics Metrics => _app.Services.GetRequiredService<XcapMetrics>();

    public StoreHealth Health => _app.Services.GetRequiredService<StoreHealth>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>This machine is the trusted proxy, unless the options say otherwise.</summary>
    public static async Task<XcapHost> StartAsync(params (string Key, string Value)[] options)
    {
        var folder = Directory.CreateTempSubdirectory("xcap-test-").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
        [
            new("Store:Path", Path.Combine(folder, "documents.db")),
            new("XcapServer:TrustedProxies:0", "127.0.0.1"),
        ]);
        builder.Configuration.AddInMemoryCollection(
            options.Select(each => KeyValuePair.Create("XcapServer:" + each.Key, (string?)each.Value)));
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.UseGrpcLimits().Listen(IPAddress.Loopback, 0));
        builder.Services.AddStores(builder.Configuration);
        builder.Services.AddSingleton<IDeferredMessageStore, MemoryDeferredMessages>();
        builder.Services.AddOptions<ControllingOptions>();
        builder.Services.AddEmbeddedDocuments(builder.Configuration);
        var app = builder.Build();
        app.MapXcapServer();
        await app.StartAsync(Cancel);
        return new(folder, app);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public Task<Answer> GetAsync(string path, string? user = Alice, params (string, string)[] headers) =>
        SendAsync(HttpMethod.Get, path, user, null, headers);

    public Task<Answer> DeleteAsync(string path, string? user = Alice, params (string, string)[] headers) =>
        SendAsync(HttpMethod.Delete, path, user, null, headers);

    public Task<Answer> PutAsync(
        string path, string type, string body, string? user = Alice, params (string, string)[] headers) =>
        PutAsync(path, type, Encoding.UTF8.GetBytes(body), user, headers);

    public Task<Answer> PutAsync(
        string path, string type, byte[] body, string? user = Alice, params (string, string)[] headers)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return SendAsync(HttpMethod.Put, path, user, content, headers);
    }

    public Task<Answer> PutGroupAsync(string body, params (string, string)[] headers) =>
        PutAsync(SkiPath, GroupsType, body, Alice, headers);

    public async Task<Answer> SendAsync(
        HttpMethod method, string path, string? user, HttpContent? content,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (user is not null)
            request.Headers.TryAddWithoutValidation("X-3GPP-Asserted-Identity", $"\"{user}\"");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await _client.SendAsync(request, Cancel);
        var bytes = await response.Content.ReadAsByteArrayAsync(Cancel);
        return new(
            response.StatusCode,
            response.Headers.ETag?.ToString().Trim('"'),
            response.Content.Headers.ContentType?.ToString(),
            Encoding.UTF8.GetString(bytes),
            response);
    }

    /// <summary>Sends a request line as it is, which HttpClient would not.</summary>
    public async Task<string> SendRawAsync(string method, string target, string user = Alice)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, Root.Port, Cancel);
        var request = $"{method} {target} HTTP/1.1\r\nHost: x\r\nX-3GPP-Asserted-Identity: \"{user}\"\r\n"
            + "Content-Length: 0\r\nConnection: close\r\n\r\n";
        await socket.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), Cancel);
        using var reader = new StreamReader(socket.GetStream(), Encoding.Latin1);
        return (await reader.ReadLineAsync(Cancel))!["HTTP/1.1 ".Length..][..3];
    }

    public async Task<StoredDocument?> StoredAsync(string auid, string user, string path) =>
        await Store.ReadAsync(new(auid, user, path), Cancel);

    public static string Group(string uri = Ski, string more = "", string list = "") =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <group xmlns="urn:oma:xml:poc:list-service" xmlns:rl="urn:ietf:params:xml:ns:resource-lists"
               xmlns:cr="urn:ietf:params:xml:ns:common-policy" xmlns:x="urn:oma:xml:xdm:extensions">
          <list-service uri="{uri}">
            <list><entry uri="sip:alice@example.com"/><entry uri="sip:bob@example.com"/>{list}</list>
            <max-participant-count>10</max-participant-count>{more}
          </list-service>
        </group>
        """;

    public static string Lists(string content = "") =>
        $"""<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">{content}</resource-lists>""";
}

/// <summary>What was answered; ETag without quotes.</summary>
internal sealed record Answer(
    HttpStatusCode Status, string? ETag, string? Type, string Body, HttpResponseMessage Response)
{
    public int Code => (int)Status;

    /// <summary>The one element that says what is wrong, after its body was held against the schema.</summary>
    public string Error => XcapErrors.Read(this).Name.LocalName;
}
