using System.Collections.Concurrent;
using System.Text;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Xdm;
using ImSidecar.Server.Xdm.Remote;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.EndToEnd.Tests.Xdm;

/// <summary>Our XCAP client with Kamailio as the XDMS: the usages that its module xcap_server knows.</summary>
public sealed class RemoteXdmsTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly ConcurrentQueue<DocumentSelector> _changes = [];
    private readonly XcapClientOptions _options = new() { Root = KamailioXdms.Root, Retries = 0 };
    private readonly XdmsHealth _health;
    private readonly RemoteXdms _remote;
    private readonly RemoteDocuments _documents;
    private KamailioXdms _xdms = null!;

    public RemoteXdmsTests()
    {
        _health = new(_time, NullLogger<XdmsHealth>.Instance);
        _remote = new(_options, _health, _time);
        _documents = new(_options, _remote, _health, _time, NullLogger<RemoteDocuments>.Instance);
        _documents.Changed += _changes.Enqueue;
    }

    public async ValueTask InitializeAsync() => _xdms = await KamailioXdms.StartAsync();

    [Theory]
    [InlineData("resource-lists", "application/resource-lists+xml")]
    [InlineData("rls-services", "application/rls-services+xml")]
    [InlineData("org.openmobilealliance.pres-rules", "application/auth-policy+xml")]
    [InlineData("org.openmobilealliance.user-profile", "application/vnd.oma.user-profile+xml")]
    public async Task A_document_of_each_usage_that_it_knows_is_read(string auid, string type)
    {
        var selector = new DocumentSelector(auid, "sip:alice@example.com", "index");
        Assert.Null(await ReadAsync(selector));
        var body = $"<document xmlns=\"urn:example:{auid}\">€</document>";
        var etag = await _xdms.PutAsync(PathOf(selector), type, body);
        _time.Advance(_options.AbsentFor);

        var document = await ReadAsync(selector);

        Assert.Equal(body, Encoding.UTF8.GetString(document!.Content.Span));
        Assert.Equal(etag, '"' + document.ETag + '"');
    }

    [Fact]
    public async Task What_has_not_changed_is_not_sent_again_and_what_has_is_noticed()
    {
        var selector = List("alice");
        await _xdms.PutAsync(PathOf(selector), "application/resource-lists+xml", Lists("sip:bob@example.com"));
        var first = await ReadAsync(selector);

        await SweepAsync();
        Assert.Same(first, await ReadAsync(selector));
        Assert.Equal(2, _remote.Sent);
        Assert.Empty(_changes);

        await _xdms.PutAsync(PathOf(selector), "application/resource-lists+xml", Lists("sip:carol@example.net"));
        await SweepAsync();
        Assert.Equal([selector], _changes);
        Assert.Contains("carol", Encoding.UTF8.GetString((await ReadAsync(selector))!.Content.Span));

        await KamailioXdms.DeleteAsync(PathOf(selector));
        await SweepAsync();
        Assert.Equal(2, _changes.Count);
        Assert.Null(await ReadAsync(selector));
    }

    [Fact]
    public async Task A_user_whose_name_has_to_be_escaped_has_his_own_document()
    {
        // Kamailio reads the user up to the first "/" of the unescaped path, so none of those.
        var odd = List("al ice%&=+'");
        await _xdms.PutAsync(
            "resource-lists/users/sip:al%20ice%25%26=+'@example.com/index",
            "application/resource-lists+xml", Lists("sip:odd@example.com"));

        Assert.Contains("sip:odd@", Encoding.UTF8.GetString((await ReadAsync(odd))!.Content.Span));
        Assert.Null(await ReadAsync(List("al")));
    }

    [Fact]
    public async Task Who_asks_as_somebody_else_is_refused()
    {
        var selector = List("alice");
        await _xdms.PutAsync(PathOf(selector), "application/resource-lists+xml", Lists("sip:bob@example.com"));
        var options = _options with { AssertedIdentity = "sip:mallory@example.com", AssertOwner = false };
        using var remote = new RemoteXdms(options, _health, _time);
        using var documents = new RemoteDocuments(
            options, remote, _health, _time, NullLogger<RemoteDocuments>.Instance);

        var exception = await Assert.ThrowsAsync<XdmUnavailableException>(
            () => documents.ReadAsync(selector, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal("the XDMS answered 403", exception.Message);
        Assert.False(_health.IsFailing);
    }

    [Fact]
    public async Task A_usage_that_it_does_not_know_has_no_documents() =>
        Assert.Null(await ReadAsync(DocumentSelector.OfGroup("sip:skiers@groups.example.com")));

    [Fact]
    public async Task While_it_is_down_the_last_known_serves_and_afterwards_all_is_as_before()
    {
        var selector = List("alice");
        await _xdms.PutAsync(PathOf(selector), "application/resource-lists+xml", Lists("sip:bob@example.com"));
        var known = await ReadAsync(selector);

        await _xdms.StopAsync();
        await SweepAsync();
        Assert.True(_health.IsFailing);
        Assert.Same(known, await ReadAsync(selector));
        await Assert.ThrowsAsync<XdmUnavailableException>(() => ReadAsync(List("carol")));
        _time.Advance(_options.KeepFor);
        await Assert.ThrowsAsync<XdmUnavailableException>(() => ReadAsync(selector));

        await _xdms.ResumeAsync();
        _time.Advance(_options.BreakFor);
        Assert.Equal(known!.ETag, (await ReadAsync(selector))!.ETag);
        Assert.False(_health.IsFailing);
    }

    public async ValueTask DisposeAsync()
    {
        _documents.Dispose();
        _remote.Dispose();
        await _xdms.DisposeAsync();
    }

    private Task<XdmDocument?> ReadAsync(DocumentSelector selector) =>
        _documents.ReadAsync(selector, TestContext.Current.CancellationToken).AsTask();

    private Task SweepAsync()
    {
        _time.Advance(_options.RevalidateAfter);
        return _documents.SweepAsync(concurrency: 4, TestContext.Current.CancellationToken);
    }

    private static DocumentSelector List(string user) => new("resource-lists", $"sip:{user}@example.com", "index");

    private static string PathOf(DocumentSelector selector) => $"{selector.Auid}/users/{selector.User}/{selector.Path}";

    private static string Lists(string uri) =>
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\">"
        + $"<list name=\"friends\"><entry uri=\"{uri}\"/></list></resource-lists>";
}
