using System.Collections.Immutable;
using ImSidecar.Core.Documents;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Gateway;
using ImSidecar.Server.Tests.Hosting;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Xdm.Diff;

/// <summary>A subscription to documents between a scripted Kamailio, a store and documents; RFC 5875.</summary>
public sealed class DocumentSubscriptionTests
{
    private static readonly DocumentSelector lists = new("resource-lists", "sip:alice@example.com", "index");

    private readonly InMemoryConferenceStore _store = new();
    private readonly ManualTime _time = new();
    private readonly ListedDocuments _documents = new();

    [Fact]
    public async Task A_user_subscribes_to_himself_and_is_told_what_is_there_once_it_is_saved()
    {
        _documents.Put(lists, "l1");
        using var node = Node();

        await node.SendAsync(new SipEvent { Request = Subscribe() });

        var reply = (await node.NextAsync(Kind.Reply)).Reply;
        Assert.Equal(200u, reply.Code);
        Assert.Single((await _store.SingleAsync()).Pending, each => each.Effect is Core.Conferences.SendRequest);
        var notify = (await node.NextAsync(Kind.Originate)).Originate;
        Assert.Equal("", notify.NextHop);
        Assert.Equal(new DocumentDiff(XcapUri.Write(lists), null, "l1"), Assert.Single(DiffOf(notify)));
        Assert.Equal(1, node.Subscribers.Count);
    }

    [Fact]
    public async Task A_change_reaches_who_watches_it_and_nobody_else()
    {
        using var node = Node();
        var first = await SubscribeAsync(node);
        Assert.Empty(DiffOf(first));
        _time.Advance(TimeSpan.FromSeconds(5));

        _documents.Put(lists with { User = "sip:bob@example.com" }, "b1");
        _documents.Put(lists, "l1");

        var second = (await node.NextAsync(Kind.Originate)).Originate;
        Assert.Equal(2u, second.Cseq);
        Assert.Equal("l1", Assert.Single(DiffOf(second)).NewETag);
    }

    [Fact]
    public async Task A_burst_of_changes_makes_one_notify_and_one_save_more()
    {
        using var node = Node();
        await SubscribeAsync(node);

        for (var i = 1; i <= 100; i++)
            _documents.Put(lists, "l" + i);
        await node.Router.DrainAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(5));

        var notify = (await node.NextAsync(Kind.Originate)).Originate;
        Assert.Equal((2u, "l100"), (notify.Cseq, Assert.Single(DiffOf(notify)).NewETag));
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.InRange((await _store.SingleAsync()).State.Revision, 3, 5);
    }

    [Fact]
    public async Task What_changed_while_the_node_was_dead_is_told_afterwards()
    {
        _documents.Put(lists, "l1");
        using (var killed = Node())
            await SubscribeAsync(killed);
        _documents.Put(lists, "l2");

        using var node = Node(await _store.SingleAsync());
        _time.Advance(TimeSpan.FromMinutes(1));

        var notify = (await node.NextAsync(action => action.Originate?.Cseq == 2)).Originate;
        Assert.Equal(new DocumentDiff(XcapUri.Write(lists), "l1", "l2"), Assert.Single(DiffOf(notify)));
    }

    [Fact]
    public async Task A_restarted_Kamailio_gets_a_notify_in_flight_as_a_new_one()
    {
        _documents.Put(lists, "l1");
        using var node = Node();
        await node.SendAsync(new SipEvent { Request = Subscribe() });
        Assert.Equal(1u, (await node.NextAsync(Kind.Originate)).Originate.Cseq);

        node.Detach();
        node.Attach("boot-2");
        await node.Attached;

        Assert.Equal(2u, (await node.NextAsync(Kind.Originate)).Originate.Cseq);
        Assert.Single((await _store.SingleAsync()).Pending, each => each.Effect is Core.Conferences.SendRequest);
    }

    [Fact]
    public async Task Refresh_and_end_find_the_subscription_by_our_contact()
    {
        using var node = Node();
        await SubscribeAsync(node);
        var again = Subscribe();
        again.Transaction = "t2";
        again.Uri = ((DocumentSubscription)(await _store.SingleAsync()).State).Contact.Text;
        Set(again, "CSeq", "2 SUBSCRIBE");
        Set(again, "To", "<sip:alice@example.com>;tag=" + again.ToTag);
        Set(again, "Expires", "0");

        await node.SendAsync(new SipEvent { Request = again });

        Assert.Equal(200u, (await node.NextAsync(action => action.Reply?.Transaction == "t2")).Reply.Code);
        var last = (await node.NextAsync(Kind.Originate)).Originate;
        await node.SendAsync(ScriptedLink.Answers(last, 200));
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.Equal(0, node.Subscribers.Count);
        Assert.True(SpinWait.SpinUntil(() => node.Router.Count == 0, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task An_unreadable_store_of_documents_refuses_and_a_later_subscription_works()
    {
        using var node = Node();
        _documents.Fails = true;
        await node.SendAsync(new SipEvent { Request = Subscribe() });
        Assert.Equal(503u, (await node.NextAsync(Kind.Reply)).Reply.Code);

        _documents.Fails = false;
        var again = Subscribe();
        again.Transaction = "t2";
        await node.SendAsync(new SipEvent { Request = again });
        Assert.Equal(200u, (await node.NextAsync(Kind.Reply)).Reply.Code);
    }

    [Theory]
    [InlineData("sip:bob@example.com", "xcap-diff"), InlineData("sip:alice@example.com", "presence")]
    [InlineData("sip:alice@example.com", "ua-profile")]
    public async Task What_is_somebody_elses_or_another_package_is_handed_back(string uri, string package)
    {
        using var node = Node();
        var request = Subscribe(package);
        request.Uri = uri;

        await node.SendAsync(new SipEvent { Request = request });

        await node.NextAsync(Kind.Decline);
        Assert.Equal(0, node.Router.Count);
    }

    [Fact]
    public async Task An_address_in_our_domain_serves_everybodys_own_documents()
    {
        _documents.Put(lists, "l1");
        using var node = Node();
        var request = Subscribe("ua-profile");
        request.Uri = "sip:xdms@im.example.com";
        request.Headers.Add(ScriptedLink.Field("Accept", "application/xcap-diff+xml"));

        await node.SendAsync(new SipEvent { Request = request });

        Assert.Equal("l1", Assert.Single(DiffOf((await node.NextAsync(Kind.Originate)).Originate)).NewETag);
    }

    [Fact]
    public async Task What_others_own_is_not_even_looked_at()
    {
        using var node = Node();
        var entries = Enumerable.Range(0, 50)
            .Select(i => $"<entry uri=\"resource-lists/users/sip:u{i}@example.com/index\"/>");
        var body = "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>"
            + string.Concat(entries) + "</list></resource-lists>";

        await node.SendAsync(new SipEvent { Request = Subscribe(body: body) });

        Assert.Equal(403u, (await node.NextAsync(Kind.Reply)).Reply.Code);
        Assert.Equal(0, _documents.Reads);
    }

    [Fact]
    public async Task Overload_refuses_it_like_any_new_request()
    {
        using var node = new ScriptedLink(
            _store, time: _time, documents: _documents, overload: new() { MaxNewRequests = 0 });

        await node.SendAsync(new SipEvent { Request = Subscribe() });

        Assert.Equal(503u, (await node.NextAsync(Kind.Reply)).Reply.Code);
    }

    internal static Request Subscribe(string package = "xcap-diff", string body = "")
    {
        var request = SipEventReaderTests.Wire(
            "SUBSCRIBE", body, ("Event", package), ("Expires", "600"),
            ("Content-Type", "application/resource-lists+xml"));
        request.Uri = "sip:alice@example.com";
        return request;
    }

    private static void Set(Request request, string name, string value)
    {
        var header = request.Headers.Single(each => each.Name == name);
        header.Value = Google.Protobuf.ByteString.CopyFromUtf8(value);
    }

    private static ImmutableArray<DocumentDiff> DiffOf(Originate notify)
    {
        Assert.Equal("NOTIFY", notify.Method);
        Assert.True(XcapDiffXml.TryParse(notify.Body.Memory, out var diff, out var error), error);
        return diff.Documents;
    }

    private ScriptedLink Node(Core.Conferences.StoredAggregate? resume = null) =>
        new(_store, time: _time, documents: _documents, resume: resume);

    /// <summary>The first NOTIFY, answered.</summary>
    private static async Task<Originate> SubscribeAsync(ScriptedLink node)
    {
        await node.SendAsync(new SipEvent { Request = Subscribe() });
        var notify = (await node.NextAsync(Kind.Originate)).Originate;
        await node.SendAsync(ScriptedLink.Answers(notify, 200));
        await node.Router.DrainAsync(CancellationToken.None);
        return notify;
    }
}
