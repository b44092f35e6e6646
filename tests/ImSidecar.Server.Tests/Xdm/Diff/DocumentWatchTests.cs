using Google.Protobuf;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Gateway;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Xdm.Diff;

/// <summary>Our subscription to a remote XDMS between a scripted Kamailio, a store and users of documents.</summary>
public sealed class DocumentWatchTests
{
    private static readonly DocumentSelector ski = DocumentSelector.OfGroup("sip:ski@groups.example.com");

    private readonly InMemoryConferenceStore _store = new();
    private readonly ManualTime _time = new();
    private readonly List<(DocumentSelector, string?)> _told = [];
    private int _notifies;

    [Fact]
    public async Task Documents_in_use_are_subscribed_to_and_changes_are_told()
    {
        using var node = Node();
        var subscribe = await SubscribeAsync(node);
        Assert.Equal("SUBSCRIBE", subscribe.Method);
        Assert.True(subscribe.DoneMark);

        await TellAsync(node, subscribe, "1");
        Assert.True(node.Watcher.IsWatching(ski));
        await TellAsync(node, subscribe, "2");
        await TellAsync(node, subscribe, null);

        Assert.Equal([(ski, "1"), (ski, "2"), (ski, null)], _told);
        Assert.False(node.Watcher.IsWatching(ski));
    }

    [Fact]
    public async Task A_forged_notify_gets_481_and_tells_nothing()
    {
        using var node = Node();
        var subscribe = await SubscribeAsync(node);
        var forged = Notify(subscribe, "1");
        forged.Headers.Single(each => each.Name == "Call-ID").Value = ByteString.CopyFromUtf8("guessed");

        await node.SendAsync(new SipEvent { Request = forged });

        Assert.Equal(481u, (await node.NextAsync(Kind.Reply)).Reply.Code);
        Assert.Empty(_told);
    }

    [Fact]
    public async Task A_notify_to_nobody_gets_481_and_leaves_nothing_behind()
    {
        using var node = Node();
        var notify = Notify(new() { CallId = "c", FromTag = "t" }, "1");
        notify.Uri = "sip:xw-abcdefghijklmnopqrstuvwxyz@im.example.com";

        await node.SendAsync(new SipEvent { Request = notify });

        Assert.Equal(481u, (await node.NextAsync(Kind.Reply)).Reply.Code);
        Assert.True(SpinWait.SpinUntil(() => node.Router.Count == 0, TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [InlineData("Subscription-State", "", 400u), InlineData("Content-Type", "text/plain", 415u)]
    public async Task A_notify_that_cannot_be_read_is_refused(string header, string value, uint code)
    {
        using var node = Node();
        var notify = Notify(await SubscribeAsync(node), "1");
        notify.Headers.Single(each => each.Name == header).Value = ByteString.CopyFromUtf8(value);

        await node.SendAsync(new SipEvent { Request = notify });

        Assert.Equal(code, (await node.NextAsync(Kind.Reply)).Reply.Code);
    }

    [Fact]
    public async Task A_restarted_node_resumes_it_and_has_everything_told_again()
    {
        Originate subscribe;
        using (var killed = Node())
        {
            subscribe = await SubscribeAsync(killed);
            await TellAsync(killed, subscribe, "1");
        }

        _told.Clear();
        using var node = Node(await _store.SingleAsync());
        var refresh = (await node.NextAsync(action => action.Originate?.Cseq == 2)).Originate;
        Assert.Equal((subscribe.CallId, "notifier"), (refresh.CallId, refresh.ToTag));
        Assert.False(node.Watcher.IsWatching(ski));

        await TellAsync(node, subscribe, "1");
        Assert.Equal([(ski, "1")], _told);
        Assert.True(node.Watcher.IsWatching(ski));
    }

    [Fact]
    public async Task Who_watches_his_documents_is_handed_back_for_the_remote_xdms_has_them()
    {
        using var node = Node();

        await node.SendAsync(new SipEvent { Request = DocumentSubscriptionTests.Subscribe() });

        await node.NextAsync(Kind.Decline);
    }

    [Fact]
    public async Task Nothing_is_asked_of_whom_nobody_named()
    {
        using var node = new ScriptedLink(_store, time: _time);

        node.Watcher.Watch([ski]);
        await node.Router.DrainAsync(CancellationToken.None);

        Assert.Equal(0, node.Router.Count);
        Assert.False(node.Watcher.IsWatching(ski));
    }

    private ScriptedLink Node(StoredAggregate? resume = null)
    {
        var node = new ScriptedLink(_store, time: _time, resume: resume, notifier: "sip:xcap-diff@xdms.example.net");
        node.Watcher.Changed += (document, etag) =>
        {
            lock (_told)
                _told.Add((document, etag));
        };
        return node;
    }

    private static async Task<Originate> SubscribeAsync(ScriptedLink node)
    {
        node.Watcher.Watch([ski]);
        var subscribe = (await node.NextAsync(Kind.Originate)).Originate;
        await node.SendAsync(new SipEvent
        {
            Response = new()
            {
                ActionKey = subscribe.ActionKey,
                Code = 200,
                Reason = "OK",
                Headers =
                {
                    ScriptedLink.Field("To", subscribe.To + ";tag=notifier"),
                    ScriptedLink.Field("Contact", "<sip:xd-1@xdms.example.net>"),
                    ScriptedLink.Field("Expires", "600"),
                },
            },
        });
        return subscribe;
    }

    private async Task TellAsync(ScriptedLink node, Originate subscribe, string? etag)
    {
        await node.SendAsync(new SipEvent { Request = Notify(subscribe, etag) });
        Assert.Equal(200u, (await node.NextAsync(Kind.Reply)).Reply.Code);
        await node.Router.DrainAsync(CancellationToken.None);
    }

    private Request Notify(Originate subscribe, string? etag)
    {
        var body = XcapDiffXml.Write(new("http://xdms.example.net/root/", [new(XcapUri.Write(ski), null, etag)]));
        var request = SipEventReaderTests.Wire(
            "NOTIFY", System.Text.Encoding.UTF8.GetString(body), ("Event", "xcap-diff"),
            ("Subscription-State", "active;expires=600"), ("Content-Type", "application/xcap-diff+xml"));
        request.Transaction = "n" + ++_notifies;
        request.Uri = subscribe.Headers.FirstOrDefault(each => each.Name == "Contact") is { } contact
            && NameAddress.TryParse(contact.Value.ToStringUtf8(), out var address)
            ? address.Uri.Text
            : "";
        Set("From", "<sip:xcap-diff@xdms.example.net>;tag=notifier");
        Set("To", $"<sip:conf-factory@im.example.com>;tag={subscribe.FromTag}");
        Set("Call-ID", subscribe.CallId);
        Set("CSeq", $"{_notifies} NOTIFY");
        return request;

        void Set(string name, string value) =>
            request.Headers.Single(each => each.Name == name).Value = ByteString.CopyFromUtf8(value);
    }
}
