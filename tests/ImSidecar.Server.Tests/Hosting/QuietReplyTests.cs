using ImSidecar.Core.Conferences;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>A reply that ends its request is over when it is given to the link; one to an INVITE is not.</summary>
public class QuietReplyTests
{
    [Fact]
    public async Task The_answer_to_a_SUBSCRIBE_is_not_stored_and_goes_before_its_NOTIFY()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);
        await CompanyTests.WatchAsync(node, store);

        await node.SendAsync(CompanyTests.Subscribe((await store.SingleAsync()).Conference, "second"));

        var reply = (await node.NextAsync(Kind.Reply)).Reply;
        Assert.Equal((200u, "second", true), (reply.Code, reply.Transaction, reply.Quiet));
        Assert.Equal("NOTIFY", (await node.NextAsync(Kind.Originate)).Originate.Method);
        var pending = (await store.SingleAsync()).Pending;
        Assert.Contains(pending, each => each.Effect is SendNotify);
        Assert.DoesNotContain(pending, each => each.Effect is Respond { Transaction: "second" });
    }

    [Fact]
    public async Task The_answer_to_an_INVITE_is_stored_and_heard_of()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;

        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));

        Assert.False((await node.NextAsync(Kind.Reply)).Reply.Quiet);
        Assert.Contains((await store.SingleAsync()).Pending, each => each.Effect is Respond { Transaction: "t1" });
    }

    [Fact]
    public async Task A_node_that_comes_back_answers_no_SUBSCRIBE_that_has_its_answer()
    {
        var store = new InMemoryConferenceStore();
        StoredAggregate left;
        using (var killed = new ScriptedLink(store))
        {
            await CompanyTests.WatchAsync(killed, store);
            left = await store.SingleAsync();
        }

        using var node = new ScriptedLink(store, resume: left);

        var first = await node.NextAsync(action =>
            action.Reply?.Transaction == "first" || action.Originate?.Method == "NOTIFY");
        Assert.Equal(Kind.Originate, first.ActionCase);
    }
}
