using ImSidecar.Cli;
using ImSidecar.Core.Conferences;
using ImSidecar.Grpc;
using ImSidecar.Protocol.Sip;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Tests.Xdm;
using ImSidecar.Server.Xdm;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Admin;

/// <summary>The admin service on a socket of its own, over documents in memory; and imsidecarctl to ask it.</summary>
internal sealed class AdminHost : IAsyncDisposable
{
    private readonly string _folder;
    private readonly WebApplication _app;

    private AdminHost(string folder, ScriptedDocuments documents, WebApplication app)
    {
        _folder = folder;
        Documents = documents;
        _app = app;
    }

    public ScriptedDocuments Documents { get; }

    public string Socket => Path.Combine(_folder, "admin.sock");

    /// <summary>Where Kamailio attaches.</summary>
    public string Gateway => Path.Combine(_folder, "gateway.sock");

    public static async Task<AdminHost> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("admin-test-").FullName;
        var documents = new ScriptedDocuments();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            [new("Admin:Socket", Path.Combine(folder, "admin.sock"))]);
        builder.Services.AddAdmin(builder.Configuration);
        builder.Services.AddSingleton(Policy());
        builder.Services.AddSingleton(new Groups(documents, new(), NullLogger<Groups>.Instance));
        builder.Services.AddSingleton(new AccessRules(documents, new()));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.UseGrpcLimits();
            kestrel.ListenGrpcUnixSocket(Path.Combine(folder, "gateway.sock"));
            kestrel.ListenAdmin(Path.Combine(folder, "admin.sock"));
        });
        var app = builder.Build();
        app.MapAdmin();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(folder, documents, app);
    }

    /// <summary>imsidecarctl policy explain, and --socket if the arguments have none.</summary>
    public async Task<(int Code, string Output, string Error)> ExplainAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] socket = arguments.Contains("--socket") ? [] : ["--socket", Socket];
        var code = await Application.RunAsync(["policy", "explain", .. arguments, .. socket], output, error);
        return (code, output.ToString(), error.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static OperatorPolicy Policy() => new()
    {
        ConferenceFactory = Uri("sip:conf-factory@im.example.com"),
        ReleaseVersion = "test",
        MsrpHost = "192.0.2.1",
        MsrpPort = 2855,
        Barred = [Uri("sip:barred@example.com").PersonKey],
    };

    private static SipUri Uri(string text) =>
        SipUri.TryParse(text, out var uri) ? uri : throw new FormatException(text);
}
