using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>RFC 7701 5.2: who hears what one leg says.</summary>
public class BridgeTests
{
    private static readonly string _alice = SwitchWorld.Aor("alice");

    [Fact]
    public async Task All_others_hear_a_message_and_the_sender_does_not()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol", "dave");

        var transaction = await peers[0].SayAsync("hello", _alice, SwitchWorld.Group);

        Assert.Equal((200, transaction), await peers[0].ReadAnswerAsync());
        foreach (var other in peers.Skip(1))
            Assert.Equal("hello", Peer.Text(await other.ReadSendAsync()));

        // What bob says next is the first SEND that alice gets.
        await peers[1].SayAsync("and now?", SwitchWorld.Aor("bob"), SwitchWorld.Group);
        Assert.Equal("and now?", Peer.Text(await peers[0].ReadSendAsync()));
    }

    [Fact]
    public async Task A_message_goes_out_with_the_paths_of_the_recipient_and_identifiers_of_ours()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var body = Peer.Cpim("hi", _alice, SwitchWorld.Group);

        var transaction = await peers[0].SendAsync(body, "original", new(1, body.Length, body.Length));

        var head = (await peers[1].ReadSendAsync()).Head;
        Assert.Equal(SwitchWorld.PeerUri("bob"), head.ToPath.Single());
        Assert.Equal(SwitchWorld.OurUri("bob"), head.FromPath.Single());
        Assert.Equal(new ByteRange(1, body.Length, body.Length), head.Range);
        Assert.NotEqual("original", head.MessageId);
        Assert.NotEqual(transaction, head.TransactionId);
    }

    [Fact]
    public async Task Other_bridges_hear_nothing()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var stranger = await world.JoinAsync("stranger", leg => leg with { BridgeId = "b2" });
        var friend = await world.JoinAsync("friend", leg => leg with { BridgeId = "b2" });

        await peers[0].SayAsync("for b1", _alice, SwitchWorld.Group);
        await friend.SayAsync("for b2", SwitchWorld.Aor("friend"), SwitchWorld.Group);

        Assert.Equal("for b1", Peer.Text(await peers[1].ReadSendAsync()));
        Assert.Equal("for b2", Peer.Text(await stranger.ReadSendAsync()));
    }

    [Fact]
    public async Task A_leg_can_move_to_another_bridge_and_keeps_its_connection()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var carol = await world.JoinAsync("carol", leg => leg with { BridgeId = "b2" });

        world.Switch.OpenLeg(SwitchWorld.Leg("bob", "b2"));
        await carol.SayAsync("welcome", SwitchWorld.Aor("carol"), SwitchWorld.Group);

        Assert.Equal("welcome", Peer.Text(await peers[1].ReadSendAsync()));
    }

    [Fact]
    public async Task What_is_said_before_an_expected_peer_connects_waits_for_it()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");
        world.Switch.OpenLeg(SwitchWorld.Leg("bob"));
        world.Switch.OpenLeg(SwitchWorld.Leg("carol") with { RemotePath = [] });

        await alice.SayAsync("early", _alice, SwitchWorld.Group);
        await alice.ReadAnswerAsync();
        var bob = world.Connect("bob");
        await bob.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, bob.Paths));

        Assert.Equal("early", Peer.Text(await bob.ReadSendAsync()));

        // Carol's answer was not here when alice spoke.
        world.Switch.OpenLeg(SwitchWorld.Leg("carol"));
        var carol = world.Connect("carol");
        await SwitchWorld.BindAsync(carol);
        await alice.SayAsync("late", _alice, SwitchWorld.Group);
        Assert.Equal("late", Peer.Text(await carol.ReadSendAsync()));
    }

    [Fact]
    public async Task A_leg_that_joins_in_the_middle_of_a_message_gets_none_of_it()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var body = Peer.Cpim(new string('x', 5000), _alice, SwitchWorld.Group);

        await peers[0].SendAsync(body.AsMemory(0, 2000), "m1", new(1, 2000, body.Length), MsrpFlag.More);
        Assert.Equal(MsrpFlag.More, (await peers[1].ReadSendAsync()).Flag);
        var carol = await world.JoinAsync("carol");
        await peers[0].SendAsync(body.AsMemory(2000), "m1", new(2001, body.Length, body.Length));
        await peers[0].SayAsync("next", _alice, SwitchWorld.Group);

        Assert.Equal(MsrpFlag.Last, (await peers[1].ReadSendAsync()).Flag);
        Assert.Equal("next", Peer.Text(await carol.ReadSendAsync()));
    }

    [Fact]
    public async Task Each_peer_gets_only_what_it_accepts()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");
        var picky = await world.JoinAsync("picky", leg => leg with { AcceptWrappedTypes = ["text/plain"] });
        var open = await world.JoinAsync("open", leg => leg with { AcceptWrappedTypes = ["text/*", "image/*"] });
        var small = await world.JoinAsync("small", leg => leg with { MaxSize = 400 });

        await alice.SayAsync("picture", _alice, SwitchWorld.Group, "image/png");
        await alice.SayAsync(new string('y', 500), _alice, SwitchWorld.Group);
        await alice.SayAsync("end", _alice, SwitchWorld.Group);

        Assert.Equal(500, Peer.Text(await picky.ReadSendAsync()).Length);
        Assert.Equal("end", Peer.Text(await picky.ReadSendAsync()));
        Assert.Equal("picture", Peer.Text(await open.ReadSendAsync()));
        Assert.Equal("picture", Peer.Text(await small.ReadSendAsync()));
        Assert.Equal("end", Peer.Text(await small.ReadSendAsync()));
    }

    [Fact]
    public async Task Between_two_text_goes_as_it_is_when_both_take_it()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice", leg => leg with { AcceptTypes = ["text/plain"] });
        var bob = await world.JoinAsync("bob", leg => leg with { AcceptTypes = ["message/cpim", "text/plain"] });

        await alice.SendAsync("plain"u8.ToArray(), "m1", new(1, 5, 5), contentType: "text/plain;charset=utf-8");

        var frame = await bob.ReadSendAsync();
        Assert.Equal("plain"u8.ToArray(), frame.Body.ToArray());
        Assert.Equal("text/plain;charset=utf-8", frame.Head.ContentType);
    }

    [Fact]
    public async Task A_closed_leg_hears_nothing_more_and_its_connection_ends()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol");

        world.Switch.CloseLeg(SwitchWorld.Leg("bob").SessionId);
        world.Switch.CloseLeg(SwitchWorld.Leg("bob").SessionId);

        Assert.Null(await peers[1].ReadAsync());
        await peers[0].SayAsync("still here", _alice, SwitchWorld.Group);
        Assert.Equal("still here", Peer.Text(await peers[2].ReadSendAsync()));
        Assert.False(world.Switch.Events.TryRead(out _));
    }
}
