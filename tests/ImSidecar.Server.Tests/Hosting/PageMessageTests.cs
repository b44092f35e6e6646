using ImSidecar.Core.Messages;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Gateway;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>A message to several through router, mailbox, store and link.</summary>
public class PageMessageTests
{
    private static SipEvent Message(int recipients, string transaction = "t1")
    {
        var entries = string.Concat(Enumerable.Range(1, recipients).Select(i =>
            $"<entry uri=\"sip:user{i}@example.com\"/>"));
        var body = "--b\r\nContent-Type: text/plain\r\n\r\nHi\r\n"
            + "--b\r\nContent-Type: application/resource-lists+xml\r\n\r\n"
            + $"<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>{entries}</list></resource-lists>"
            + "\r\n--b--\r\n";
        var wire = SipEventReaderTests.Wire(
            "MESSAGE", body, ("Content-Type", "multipart/mixed;boundary=b"), ("Require", "recipient-list-message"));
        wire.Transaction = transaction;
        return new() { Request = wire };
    }

    private static async Task<Originate> NextAsync(ScriptedLink node) =>
        (await node.NextAsync(Kind.Originate)).Originate;

    [Fact]
    public async Task It_is_stored_before_its_202_and_gone_when_all_is_over()
    {
        var store = new InMemoryConferenceStore();
        var time = new ManualTime();
        using var node = new ScriptedLink(store, time: time);
        await node.SendAsync(Message(2));

        Assert.Equal(202u, (await node.NextAsync(Kind.Reply)).Reply.Code);
        Assert.Equal(2, ((PageMessage)(await store.SingleAsync()).State).Recipients.Count);
        for (var i = 0; i < 2; i++)
        {
            var sent = await NextAsync(node);
            Assert.Equal(("MESSAGE", "Hi"), (sent.Method, sent.Body.ToStringUtf8()));
            await node.SendAsync(ScriptedLink.Answers(sent, 200));
        }

        await SettledAsync(store);
        await GoneAsync(store, node, time);
    }

    [Fact]
    public async Task The_same_message_again_makes_no_second_one()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);
        await node.SendAsync(Message(1));
        await NextAsync(node);

        await node.SendAsync(Message(1, "t2"));

        var reply = (await node.NextAsync(action => action.Reply?.Transaction == "t2")).Reply;
        Assert.Equal(202u, reply.Code);
        Assert.Empty(node.Take(Kind.Originate));
        await store.SingleAsync();
    }

    [Fact]
    public async Task A_restarted_node_sends_what_is_not_answered_under_the_same_keys()
    {
        var store = new InMemoryConferenceStore();
        var boots = new ScriptedLink.RememberedBoot();
        Originate first, second;
        using (var killed = new ScriptedLink(store, boots: boots))
        {
            await killed.Attached;
            await killed.SendAsync(Message(2));
            first = await NextAsync(killed);
            second = await NextAsync(killed);
            await killed.SendAsync(ScriptedLink.Answers(first, 200));
            while (((PageMessage)(await store.SingleAsync()).State).Unsettled > 1)
                await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        using var node = new ScriptedLink(store, boots: boots, resume: await store.SingleAsync());
        await node.Attached;

        var again = await NextAsync(node);
        Assert.Equal((second.ActionKey, second.Body), (again.ActionKey, again.Body));
        Assert.Empty(node.Take(Kind.Originate));
    }

    [Fact]
    public async Task Many_get_it_at_a_pace()
    {
        var time = new ManualTime();
        using var node = new ScriptedLink(
            new InMemoryConferenceStore(), each => each with { InvitationsPerSecond = 10 }, time);
        await node.SendAsync(Message(50));
        await node.NextAsync(Kind.Reply);
        await NextAsync(node);

        Assert.InRange(node.Take(Kind.Originate).Count(), 0, 10);
        time.Advance(TimeSpan.FromSeconds(1));
        await NextAsync(node);
    }

    [Fact]
    public async Task One_sender_does_not_take_the_room_of_all()
    {
        var store = new InMemoryConferenceStore();
        var time = new ManualTime();
        using var node = new ScriptedLink(store, each => each with { MaxPageMessagesPerUser = 1 }, time);
        Assert.Equal(202u, await SendAsync("alice", "t1"));
        var first = await NextAsync(node);

        Assert.Equal(403u, await SendAsync("alice", "t2"));
        Assert.Equal(202u, await SendAsync("bob", "t3"));

        foreach (var sent in (Originate[])[first, await NextAsync(node)])
            await node.SendAsync(ScriptedLink.Answers(sent, 200));
        while (await AnyUnsettledAsync(store))
            await Task.Delay(5, TestContext.Current.CancellationToken);
        await GoneAsync(store, node, time);
        Assert.Equal(202u, await SendAsync("alice", "t4"));

        async Task<uint> SendAsync(string user, string transaction)
        {
            var message = Message(1, transaction);
            message.Request.Identities[0] = $"<sip:{user}@example.com>";
            message.Request.Headers.Single(each => each.Name == "Call-ID").Value =
                Google.Protobuf.ByteString.CopyFromUtf8(transaction);
            await node.SendAsync(message);
            return (await node.NextAsync(action => action.Reply?.Transaction == transaction)).Reply.Code;
        }
    }

    [Fact]
    public async Task A_session_takes_no_message()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        var message = Message(1);
        message.Request.Uri = "sip:abcdefghijklmnopqrstuvwxyz@im.example.com";
        await node.SendAsync(message);

        Assert.Equal(405u, (await node.NextAsync(Kind.Reply)).Reply.Code);
    }

    private static async Task SettledAsync(InMemoryConferenceStore store)
    {
        while (((PageMessage)(await store.SingleAsync()).State).ForgetAt is null)
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    private static async Task<bool> AnyUnsettledAsync(InMemoryConferenceStore store)
    {
        await foreach (var id in store.ActiveAsync(TestContext.Current.CancellationToken))
        {
            var stored = await store.LoadAsync(id, TestContext.Current.CancellationToken);
            if (stored is { State: PageMessage { ForgetAt: null } })
                return true;
        }

        return false;
    }

    // Its alarm is set some time after it is saved: the clock has to go on.
    private static async Task GoneAsync(InMemoryConferenceStore store, ScriptedLink node, ManualTime time)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await store.ActiveAsync(patience.Token).AnyAsync(patience.Token))
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(5, patience.Token);
        }

        // What it took of the sender's share is given back behind the save.
        await node.Router.WhenIdle().WaitAsync(patience.Token);
    }
}
