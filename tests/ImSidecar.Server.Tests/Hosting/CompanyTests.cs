using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Gateway;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>What waits for company in its mailbox: it is saved before it is confirmed, and lost with no node.</summary>
public class CompanyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_to_a_NOTIFY_is_saved_and_confirmed_though_nothing_else_comes()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);
        var notify = await WatchAsync(node, store);

        await node.SendAsync(100, ScriptedLink.Answers(notify, 200), Cancel);
        await node.NextAsync(action => action.Confirm?.Sequence == 100);

        var saved = await store.SingleAsync();
        Assert.Null(saved.Conference.Subscriptions.Values.Single().AnswerBy);
        Assert.DoesNotContain(saved.Pending, each => each.Effect is SendNotify);
    }

    [Fact]
    public async Task A_request_behind_an_answer_that_waits_does_not_wait()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);
        var notify = await WatchAsync(node, store);

        await node.SendAsync(100, ScriptedLink.Answers(notify, 200), Cancel);
        await node.SendAsync(101, Subscribe((await store.SingleAsync()).Conference, "second"), Cancel);
        await node.NextAsync(action => action.Reply?.Transaction == "second");

        // In the order in which they came: what the request finds is what the answer has left.
        Assert.Null((await store.SingleAsync()).Conference.Subscriptions.Values.MinBy(each => each.Number)!.AnswerBy);
    }

    [Fact]
    public async Task A_node_that_dies_while_an_answer_waits_tells_no_version_twice_with_another_content()
    {
        var store = new InMemoryConferenceStore();
        StoredAggregate onDisk;
        Originate first;
        using (var killed = new ScriptedLink(store))
        {
            first = await WatchAsync(killed, store);
            onDisk = await store.SingleAsync();
            await killed.SendAsync(100, ScriptedLink.Answers(first, 200), Cancel);
        }

        var left = new InMemoryConferenceStore();
        await left.TrySaveAsync(
            onDisk.State.Id, 0,
            ConferenceChanges.Between(null, onDisk.Conference) with { AddedEffects = onDisk.Pending }, Cancel);
        using var node = new ScriptedLink(left, resume: onDisk);

        // The link knows the key and sends nothing again; it repeats the answer, which was not confirmed.
        var again = (await node.NextAsync(action => action.Originate?.Method == "NOTIFY")).Originate;
        Assert.Equal((first.ActionKey, first.Body), (again.ActionKey, again.Body));
        await node.SendAsync(100, ScriptedLink.Answers(first, 200), Cancel);
        var watch = onDisk.Conference.Subscriptions.Values.Single();
        await node.SendAsync(101, Subscribe(onDisk.Conference, "refresh", watch), Cancel);

        var next = (await node.NextAsync(action => action.Originate?.Method == "NOTIFY"
            && action.Originate.ActionKey != first.ActionKey)).Originate;
        Assert.Equal(first.Cseq + 1, next.Cseq);
        Assert.Contains("version=\"1\"", next.Body.ToStringUtf8(), StringComparison.Ordinal);
    }

    // Alice's first NOTIFY: bob has accepted.
    internal static async Task<Originate> WatchAsync(ScriptedLink node, InMemoryConferenceStore store)
    {
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        await node.NextAsync(Kind.Ack);
        await node.SendAsync(Subscribe((await store.SingleAsync()).Conference, "first"));
        return (await node.NextAsync(action => action.Originate?.Method == "NOTIFY")).Originate;
    }

    internal static SipEvent Subscribe(Conference conference, string transaction, Subscription? known = null)
    {
        var wire = known is null
            ? SipEventReaderTests.Wire(
                "SUBSCRIBE", ("Event", "conference"), ("Expires", "600"), ("Call-ID", transaction))
            : SipEventReaderTests.Wire(
                "SUBSCRIBE", ("Event", "conference"), ("Expires", "600"), ("Call-ID", known.Dialog.CallId),
                ("To", $"<{conference.SessionIdentity}>;tag={known.Dialog.LocalTag}"), ("CSeq", "9 SUBSCRIBE"));
        wire.Uri = conference.SessionIdentity.Text;
        wire.Transaction = transaction;
        return new() { Request = wire };
    }
}
