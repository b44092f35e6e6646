using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Tests.Stores;
using Kind = ImSidecar.Server.Gateway.V1.SipAction.ActionOneofCase;

namespace ImSidecar.Server.Tests.Hosting;

/// <summary>What a restarted node knows and waits for, and what a restarted Kamailio brings.</summary>
public class MailboxRestartTests
{
    [Fact]
    public async Task Nobody_is_late_before_the_link_has_told_what_it_kept()
    {
        var store = new InMemoryConferenceStore();
        var time = new ManualTime();
        var invite = await RingAsync(store, time);

        time.Advance(TimeSpan.FromMinutes(2));
        using var node = await RestartAsync(store, time);
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));

        Assert.Equal(200u, (await node.NextAsync(Kind.Reply)).Reply.Code);
    }

    [Fact]
    public async Task Who_is_late_then_is_given_up_at_once()
    {
        var store = new InMemoryConferenceStore();
        var time = new ManualTime();
        var invite = await RingAsync(store, time);

        time.Advance(TimeSpan.FromMinutes(2));
        using var node = await RestartAsync(store, time);
        node.Router.OnCaughtUp();

        var cancel = (await node.NextAsync(action => action.Cancel?.InviteKey == invite.ActionKey)).Cancel;
        Assert.NotEqual(invite.ActionKey, cancel.ActionKey);
    }

    [Fact]
    public async Task Without_a_link_patience_ends_by_itself()
    {
        var store = new InMemoryConferenceStore();
        var time = new ManualTime();
        await RingAsync(store, time);

        time.Advance(TimeSpan.FromMinutes(2));
        using var node = await RestartAsync(store, time);
        time.Advance(TimeSpan.FromSeconds(41));

        await node.NextAsync(Kind.Cancel);
    }

    [Fact]
    public async Task A_restarted_node_sees_that_Kamailio_has_restarted_too()
    {
        var store = new InMemoryConferenceStore();
        var boots = new ScriptedLink.RememberedBoot();
        using (var killed = new ScriptedLink(store, boots: boots))
        {
            await killed.Attached;
            await killed.SendAsync(ScriptedLink.GroupInvite());
            await killed.NextAsync(Kind.Originate);
        }

        using var node = new ScriptedLink(store, boots: boots, boot: "boot-2", resume: await store.SingleAsync());
        await node.Attached;

        Assert.Equal("boot-2", boots.LastOf("test"));
        Assert.True((await store.SingleAsync()).Conference.Participants.IsEmpty);
    }

    [Fact]
    public async Task A_restarted_node_goes_on_with_the_same_Kamailio()
    {
        var store = new InMemoryConferenceStore();
        var boots = new ScriptedLink.RememberedBoot();
        using (var killed = new ScriptedLink(store, boots: boots))
        {
            await killed.Attached;
            await killed.SendAsync(ScriptedLink.GroupInvite());
            await killed.NextAsync(Kind.Originate);
        }

        using var node = new ScriptedLink(store, boots: boots, resume: await store.SingleAsync());
        await node.Attached;

        Assert.Equal(3, (await store.SingleAsync()).Conference.Participants.Count);
    }

    [Fact]
    public async Task Who_rings_by_a_Kamailio_that_has_restarted_stops()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        await node.Attached;
        await node.SendAsync(ScriptedLink.GroupInvite());
        Originate[] invites = [(await node.NextAsync(Kind.Originate)).Originate, (await node.NextAsync(Kind.Originate)).Originate];
        foreach (var each in invites)
            await node.SendAsync(ScriptedLink.Answers(each, 180));
        await node.Router.WhenIdle();

        node.Detach();
        node.Attach("boot-2");

        await node.NextAsync(action => action.Cancel?.InviteKey == invites[0].ActionKey);
    }

    [Fact]
    public async Task An_ACK_is_pending_until_the_link_says_that_it_keeps_it()
    {
        var store = new InMemoryConferenceStore();
        using var node = new ScriptedLink(store);
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        await node.SendAsync(ScriptedLink.Accepts(invite, "bob"));
        var ack = (await node.NextAsync(Kind.Ack)).Ack;
        await node.Router.DrainAsync(CancellationToken.None);
        Assert.Contains((await store.SingleAsync()).Pending, each => each.Effect is SendAck);

        await node.SendAsync(new() { Response = new() { ActionKey = ack.ActionKey, Code = 200, Local = true } });
        await node.Router.DrainAsync(CancellationToken.None);

        Assert.DoesNotContain((await store.SingleAsync()).Pending, each => each.Effect is SendAck);
    }

    [Fact]
    public async Task An_answer_that_a_new_Kamailio_does_not_know_is_acknowledged_and_ended()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        await node.SendAsync(ScriptedLink.GroupInvite());
        var invite = (await node.NextAsync(Kind.Originate)).Originate;
        node.Detach();
        node.Attach("boot-2");

        var answer = ScriptedLink.Accepts(invite, "bob");
        answer.Response.ActionKey = "";
        await node.SendAsync(answer);

        var ack = (await node.NextAsync(Kind.Ack)).Ack;
        Assert.Equal((invite.ActionKey, invite.CallId, invite.FromTag, invite.From, invite.To, "bob", 1u),
            (ack.InviteKey, ack.CallId, ack.FromTag, ack.From, ack.To, ack.ToTag, ack.Cseq));
        Assert.Equal("BYE", (await node.NextAsync(Kind.Originate)).Originate.Method);
    }

    [Fact]
    public async Task An_answer_of_nobody_we_know_wakes_no_conference()
    {
        using var node = new ScriptedLink(new InMemoryConferenceStore());
        var answer = new SipEvent
        {
            Response = new() { Code = 200, Headers = { ScriptedLink.Field("Call-ID", "aaa-bbb-p2") } },
        };

        await node.SendAsync(answer);

        Assert.Equal(1ul, node.Confirmed);
        Assert.Equal(0, node.Router.Count);
    }

    private static async Task<Originate> RingAsync(InMemoryConferenceStore store, ManualTime time)
    {
        using var killed = new ScriptedLink(store, time: time);
        await killed.SendAsync(ScriptedLink.GroupInvite());
        return (await killed.NextAsync(Kind.Originate)).Originate;
    }

    private static async Task<ScriptedLink> RestartAsync(InMemoryConferenceStore store, ManualTime time)
    {
        var node = new ScriptedLink(store, time: time, resume: await store.SingleAsync());
        await node.Attached;
        return node;
    }
}
