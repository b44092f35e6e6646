using System.Text;
using ImSidecar.Client.Blocking;
using ImSidecar.Protocol.Sip;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Client;

/// <summary>IM 6.1.2.12: the block list in the XDMS, with a server that says what the test tells it to.</summary>
public sealed class XcapBlockListTests : IAsyncLifetime
{
    private const string Document =
        "<resource-lists xmlns='urn:ietf:params:xml:ns:resource-lists'><list name='oma_blockedcontacts'>"
        + "<entry uri='sip:mallory@example.com'/></list></resource-lists>";

    private readonly List<string> _asked = [];
    private WebApplication? _server;
    private Func<HttpRequest, (int Status, string? Tag, string Body)> _answer = _ => (200, "\"1\"", Document);

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await _server!.DisposeAsync();

    [Fact, Trait("Spec", "IM 6.1.2.12/notify-3")]
    public async Task It_is_fetched_by_the_path_of_the_user()
    {
        using var list = List();

        var blocked = await Within(list.FetchAsync());

        Assert.True(blocked.IsBlocked("sip:mallory@EXAMPLE.com"));
        Assert.Equal(["GET /xcap-root/resource-lists/users/sip:alice@example.com/index"], _asked);
    }

    [Fact]
    public async Task Without_a_document_nobody_is_blocked()
    {
        using var list = List();
        _answer = _ => (404, null, "");

        Assert.Empty((await Within(list.FetchAsync())).Entries);
    }

    [Theory]
    [InlineData(403, "", "403")]
    [InlineData(302, "", "302")]
    [InlineData(200, "<resource-lists", "not well-formed")]
    public async Task What_goes_wrong_is_said(int status, string body, string said)
    {
        using var list = List();
        _answer = _ => (status, null, body);

        var error = await Assert.ThrowsAsync<XcapException>(() => Within(list.FetchAsync()));

        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_without_end_is_not_kept()
    {
        using var list = List();
        _answer = _ => (200, null, new string(' ', 2 * 1024 * 1024));

        await Assert.ThrowsAsync<XcapException>(() => Within(list.FetchAsync()));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said()
    {
        using var list = new XcapBlockList(Access() with { Root = new("http://127.0.0.1:1/") });

        var error = await Assert.ThrowsAsync<XcapException>(() => Within(list.FetchAsync()));

        Assert.Contains("127.0.0.1:1 cannot be reached", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_challenge_is_answered_once()
    {
        using var list = List();
        _answer = request => request.Headers.Authorization.Count == 0
            ? (401, null, "")
            : (request.Headers.Authorization.ToString().Contains(
                "uri=\"/xcap-root/resource-lists/users/sip:alice@example.com/index\"", StringComparison.Ordinal)
                ? 200 : 400, null, Document);
        var right = await Within(list.FetchAsync());

        _answer = _ => (401, null, "");
        var error = await Assert.ThrowsAsync<XcapException>(() => Within(list.FetchAsync()));

        Assert.Single(right.Entries);
        Assert.Contains("401", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, _asked.Count);
    }

    [Fact]
    public async Task Who_is_blocked_is_put_into_the_document_that_was_read()
    {
        using var list = List();
        var stored = Document;
        _answer = request =>
        {
            if (request.Method == "GET")
                return (200, "\"7\"", stored);

            stored = stored.Replace("</list>", "<entry uri='sip:trudy@example.com'/></list>", StringComparison.Ordinal);
            return (request.Headers.IfMatch == "\"7\"" ? 200 : 412, "\"8\"", "");
        };

        Assert.True(await Within(list.BlockAsync(User("sip:trudy@example.com;transport=tcp"))));
        Assert.False(await Within(list.BlockAsync(User("sip:mallory@example.com"))));

        Assert.Equal(
            "PUT /xcap-root/resource-lists/users/sip:alice@example.com/index/~~/resource-lists/"
            + "list%5B@name=%22oma_blockedcontacts%22%5D/entry%5B@uri=%22sip:trudy@example.com%22%5D",
            Assert.Single(_asked, each => each.StartsWith("PUT", StringComparison.Ordinal)));
        Assert.True(list.List.IsBlocked("sip:trudy@example.com"));
    }

    [Fact]
    public async Task A_change_by_another_phone_is_read_first_and_one_that_never_holds_is_given_up()
    {
        using var list = List();
        _answer = request => request.Method == "GET" ? (200, "\"1\"", Document) : (412, null, "");

        var error = await Assert.ThrowsAsync<XcapException>(
            () => Within(list.UnblockAsync(User("sip:mallory@example.com"))));

        Assert.Contains("412", error.Message, StringComparison.Ordinal);
        Assert.True(_asked.Count <= 12);
    }

    private static SipUri User(string uri)
    {
        Assert.True(SipUri.TryParse(uri, out var user));
        return user;
    }

    private XcapBlockList List() => new(Access());

    private XcapAccess Access() => new()
    {
        Root = new($"{_server!.Urls.Single()}/xcap-root/"),
        User = "sip:alice@example.com",
        Name = "alice",
        Password = "demo",
    };

    private async Task AnswerAsync(HttpContext context)
    {
        _asked.Add($"{context.Request.Method} {context.Request.Path}");
        var (status, tag, body) = _answer(context.Request);
        context.Response.StatusCode = status;
        if (tag is not null)
            context.Response.Headers.ETag = tag;
        if (status == 401)
        {
            context.Response.Headers.WWWAuthenticate = (string[])
                ["Digest realm=\"example.com\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"", "Basic realm=\"x\""];
        }

        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body), context.RequestAborted);
    }
}
