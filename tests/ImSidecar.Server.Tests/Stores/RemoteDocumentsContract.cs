using System.Text;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>What every store of a remote XDMS's documents has to do.</summary>
public abstract class RemoteDocumentsContract
{
    private const string Root = "https://xdms.example.com/xcap-root/";
    private static readonly DateTimeOffset _noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly DocumentSelector _group = DocumentSelector.OfGroup("sip:skiers@groups.example.com");

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The store under test.</summary>
    private protected abstract IServerStore Store { get; }

    [Fact]
    public async Task What_is_written_is_there_after_a_restart()
    {
        await WriteAsync(Document(_group, "<group/>", _noon, "W/\"1\""));
        await ReopenAsync();

        var remembered = await ReadAsync(_group);

        Assert.Equal("<group/>", Encoding.UTF8.GetString(remembered!.Content.Span));
        Assert.Equal("W/\"1\"", remembered.Tag);
        Assert.Equal(_noon, remembered.ConfirmedAt);
    }

    [Fact]
    public async Task Changes_happen_in_their_order()
    {
        var list = new DocumentSelector(ApplicationUsage.ResourceLists, "sip:alice@example.com", "index");
        await WriteAsync(
            Document(_group, "<old/>", _noon),
            Document(_group, "<new/>", _noon),
            new(_group) { ConfirmedAt = _noon.AddMinutes(1) },
            Document(list, "<list/>", _noon),
            new(list));

        var remembered = await ReadAsync(_group);
        Assert.Equal("<new/>", Encoding.UTF8.GetString(remembered!.Content.Span));
        Assert.Equal(_noon.AddMinutes(1), remembered.ConfirmedAt);
        Assert.Null(remembered.Tag);
        Assert.Null(await ReadAsync(list));
    }

    [Fact]
    public async Task A_document_of_another_XDMS_is_not_found_nor_is_it_one_of_ours()
    {
        await WriteAsync(Document(_group, "<group/>", _noon));

        Assert.Null(await Store.RemoteDocuments.ReadAsync("https://other.example.com/", _group, Cancel));
        Assert.Null(await Store.Documents.ReadAsync(_group, Cancel));
    }

    [Fact]
    public async Task What_is_old_is_forgotten_and_so_is_the_oldest_of_too_many()
    {
        await WriteAsync([.. Enumerable.Range(0, 10)
            .Select(minute => Document(Numbered(minute), "<list/>", _noon.AddMinutes(minute)))]);

        await Store.RemoteDocuments.PruneAsync(_noon.AddMinutes(3), 4, Cancel);

        for (var minute = 0; minute < 10; minute++)
            Assert.Equal(minute >= 6, await ReadAsync(Numbered(minute)) is not null);
    }

    private ValueTask WriteAsync(params IReadOnlyList<RememberedChange> changes) =>
        Store.RemoteDocuments.WriteAsync(Root, changes, Cancel);

    private ValueTask<RememberedDocument?> ReadAsync(DocumentSelector selector) =>
        Store.RemoteDocuments.ReadAsync(Root, selector, Cancel);

    private static RememberedChange Document(
        DocumentSelector selector, string body, DateTimeOffset at, string? tag = null) =>
        new(selector) { Document = new(tag, at, Encoding.UTF8.GetBytes(body)) };

    private static DocumentSelector Numbered(int number) =>
        new(ApplicationUsage.ResourceLists, $"sip:u{number}@example.com", "index");

    /// <summary>The same store as a restarted node sees it.</summary>
    private protected abstract Task ReopenAsync();
}
