using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Xdm.Diff;

namespace ImSidecar.Server.Tests.Xdm.Diff;

/// <summary>Which changes of our subscription are changes of documents.</summary>
public sealed class DocumentWatcherTests
{
    private static readonly DocumentSelector ski = DocumentSelector.OfGroup("sip:ski@groups.example.com");
    private static readonly DocumentSelector chess = DocumentSelector.OfGroup("sip:chess@groups.example.com");

    private readonly DocumentWatcher _watcher = new();
    private readonly List<(DocumentSelector, string?)> _told = [];

    public DocumentWatcherTests() => _watcher.Changed += (document, etag) => _told.Add((document, etag));

    [Fact]
    public void What_is_told_anew_differently_or_no_more_has_changed()
    {
        _watcher.Change(Told((ski, "1"), (chess, "1")), Told((ski, "2")));
        Assert.Equal([(ski, "2"), (chess, null)], _told);

        _told.Clear();
        _watcher.Change(Told((ski, "2")), Told((ski, "2")));
        Assert.Empty(_told);
    }

    [Fact]
    public void What_is_not_asked_for_any_more_has_not()
    {
        _watcher.Change(Told((ski, "1"), (chess, "1")), Told((ski, "1")) with { Asked = [ski] });

        Assert.Empty(_told);
    }

    [Fact]
    public void While_the_whole_is_awaited_nothing_has_and_nothing_is_watched()
    {
        _watcher.Change(Told((ski, "1")), Told((ski, "1")) with { AwaitsFullState = true, Told = [] });

        Assert.Empty(_told);
        Assert.False(_watcher.IsWatching(ski));
    }

    [Fact]
    public void Without_a_subscription_nothing_is_watched()
    {
        _watcher.Change(null, Told((ski, "1")));
        Assert.True(_watcher.IsWatching(ski));

        _watcher.Change(Told((ski, "1")), null);
        Assert.False(_watcher.IsWatching(ski));
    }

    private static DocumentWatch Told(params (DocumentSelector, string)[] documents) => new()
    {
        Id = AggregateId.Of(AggregateKind.DocumentWatch, "abc"),
        Wanted = [ski, chess],
        Asked = [ski, chess],
        Told = [.. documents.Select(each => new ToldDocument(each.Item1, each.Item2))],
        Dialog = new()
        {
            CallId = "c",
            LocalTag = "l",
            RemoteTarget = SipUri.Of("sip", "n", "xdms.example.net"),
            ExpiresAt = DateTimeOffset.MaxValue,
        },
    };
}
