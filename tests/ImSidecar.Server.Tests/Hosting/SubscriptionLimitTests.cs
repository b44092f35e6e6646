using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Gateway;
using ImSidecar.Server.Tests.Stores;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>What a node holds of all its sessions limits what it takes on in each.</summary>
public class SubscriptionLimitTests
{
    [Fact]
    public async Task A_subscription_too_many_for_the_node_gets_403_until_another_one_ends()
    {
        using var node = new ScriptedLink(
            new InMemoryConferenceStore(), policy => policy with { MaxSubscriptions = 1, MaxSubscriptionsPerUser = 10 });
        await StartAsync(node, "t1");
        var first = (await node.NextAsync(action => action.Originate?.Method == "NOTIFY")).Originate;
        var second = await StartAsync(node, "t2");

        Assert.Equal(1, node.Counts.Subscriptions);
        Assert.Equal(403u, second.Code);
        Assert.Contains(second.Headers, each => each.Name == "Warning"
            && each.Value.ToStringUtf8().EndsWith("\"Too many subscriptions\"", StringComparison.Ordinal));

        await node.SendAsync(ScriptedLink.Answers(first, 481));
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.Equal(200u, (await StartAsync(node, "t3")).Code);
    }

    // A session of its own, and who started it watches it.
    private static async Task<Reply> StartAsync(ScriptedLink node, string name)
    {
        var invitation = ScriptedLink.GroupInvite(name);
        invitation.Request.Headers.Single(each => each.Name == "Call-ID").Value =
            Google.Protobuf.ByteString.CopyFromUtf8("call-" + name);
        await node.SendAsync(invitation);
        var invite = await node.NextAsync(action => action.Originate?.Method == "INVITE");
        await node.SendAsync(ScriptedLink.Accepts(invite.Originate, "tag-" + name));
        var accepted = await node.NextAsync(action => action.Reply is { Code: 200 } reply && reply.Transaction == name);

        var subscribe = SipEventReaderTests.Wire("SUBSCRIBE", ("Event", "conference"), ("Expires", "600"));
        subscribe.Transaction = "watch-" + name;
        subscribe.Uri = accepted.Reply.Headers.Single(each => each.Name == "Contact").Value.ToStringUtf8()
            .Split('<', '>')[1];
        await node.SendAsync(new SipEvent { Request = subscribe });
        return (await node.NextAsync(action => action.Reply?.Transaction == "watch-" + name)).Reply;
    }
}
