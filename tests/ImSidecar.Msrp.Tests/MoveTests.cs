using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>A peer whose path changes under way, IM 7.2.1.6/2: nothing is lost, doubled or out of order.</summary>
public class MoveTests
{
    private static readonly string _alice = SwitchWorld.Aor("alice");
    private static readonly string _bob = SwitchWorld.Aor("bob");

    [Fact]
    public async Task What_comes_after_the_move_waits_until_what_was_said_before_is_answered()
    {
        using var world = new SwitchWorld();
        var (alice, bob) = await TalkAsync(world);
        bob.Answers = false;
        await alice.SayAsync("one", _alice, SwitchWorld.Group);
        var one = await bob.ReadSendAsync();

        var moved = await MoveAsync(world, isBound: true);
        await alice.SayAsync("two", _alice, SwitchWorld.Group);
        Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);
        Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);
        bob.Answers = true;
        await bob.AnswerAsync(one);

        Assert.Equal("one", Peer.Text(one));
        Assert.Equal("two", Peer.Text(await moved.ReadSendAsync()));
    }

    [Theory, InlineData("closes"), InlineData("is silent"), InlineData("knows nothing of it")]
    public async Task What_had_no_answer_where_he_was_comes_anew_and_first(string old)
    {
        using var world = new SwitchWorld();
        var (alice, bob) = await TalkAsync(world);
        bob.Answers = false;
        await alice.SayAsync("one", _alice, SwitchWorld.Group);
        var one = await bob.ReadSendAsync();

        var moved = await MoveAsync(world, isBound: true);
        await alice.SayAsync("two", _alice, SwitchWorld.Group);
        Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);
        Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);
        if (old == "closes")
            await bob.CloseAsync();
        else if (old == "is silent")
            await world.PassAsync(world.Options.ChallengeTimeout + TimeSpan.FromSeconds(1));
        else
            await bob.WriteAsync(output => MsrpWriter.TryWriteResponse(output, one.Head, MsrpStatus.NoSuchSession));
        world.Switch.Supervise();

        var again = await moved.ReadSendAsync();
        Assert.Equal(("one", one.Head.MessageId), (Peer.Text(again), again.Head.MessageId));
        Assert.Equal(SwitchWorld.PeerUri("moved"), again.Head.ToPath.Single());
        Assert.Equal("two", Peer.Text(await moved.ReadSendAsync()));
    }

    [Fact]
    public async Task A_message_under_way_comes_to_its_end_where_it_began()
    {
        using var world = new SwitchWorld();
        var (alice, bob) = await TalkAsync(world);
        var body = Peer.Cpim(new string('x', 3000), _alice, SwitchWorld.Group);
        await alice.SendAsync(body.AsMemory(0, 1000), "m1", new(1, 1000, body.Length), MsrpFlag.More);
        var first = await bob.ReadSendAsync();
        await SwitchWorld.BindAsync(bob);

        var moved = await MoveAsync(world, isBound: true);
        await alice.SayAsync("meanwhile", _alice, SwitchWorld.Group);
        Assert.Equal("meanwhile", Peer.Text(await moved.ReadSendAsync()));
        await alice.SendAsync(body.AsMemory(1000), "m1", new(1001, body.Length, body.Length));
        var last = await bob.ReadSendAsync();

        Assert.Equal((MsrpFlag.More, MsrpFlag.Last), (first.Flag, last.Flag));
        Assert.Equal(body.Length, first.Body.Length + last.Body.Length);
    }

    [Fact]
    public async Task A_message_whose_first_part_arrived_where_he_is_no_more_has_failed()
    {
        using var world = new SwitchWorld();
        var (alice, bob) = await TalkAsync(world);
        var body = Peer.Cpim(new string('x', 3000), _alice, _bob);
        await alice.SendAsync(body.AsMemory(0, 1000), "m1", new(1, 1000, body.Length), MsrpFlag.More);
        Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);
        await bob.ReadSendAsync();
        await SwitchWorld.BindAsync(bob);

        var moved = await MoveAsync(world, isBound: true);
        await bob.CloseAsync();
        await SwitchWorld.UntilAsync(() => world.Switch.Connections.Count() == 2);
        await alice.SendAsync(body.AsMemory(1000), "m1", new(1001, body.Length, body.Length));
        Assert.Equal(408, (await alice.ReadAnswerAsync()).Status);
        await alice.SayAsync("again", _alice, _bob);

        Assert.Equal("again", Peer.Text(await moved.ReadSendAsync()));
    }

    [Fact]
    public async Task A_message_that_is_begun_but_not_written_goes_where_he_is()
    {
        using var world = new SwitchWorld();
        var (alice, _) = await TalkAsync(world);
        var body = Peer.Cpim(new string('x', 3000), _alice, SwitchWorld.Group);
        await MoveAsync(world, isBound: false);
        await alice.SendAsync(body.AsMemory(0, 1000), "m1", new(1, 1000, body.Length), MsrpFlag.More);
        Assert.Equal(200, (await alice.ReadAnswerAsync()).Status);

        var moved = world.Connect("bob", "again");
        world.Switch.OpenLeg(SwitchWorld.Leg("bob") with { RemotePath = [SwitchWorld.PeerUri("again")] });
        await SwitchWorld.BindAsync(moved);
        await alice.SendAsync(body.AsMemory(1000), "m1", new(1001, body.Length, body.Length));

        Assert.Equal(body, await Peer.ReassembleAsync(moved));
    }

    [Fact]
    public async Task What_he_himself_says_where_he_was_is_still_heard()
    {
        using var world = new SwitchWorld();
        var (alice, bob) = await TalkAsync(world);
        var moved = await MoveAsync(world, isBound: true);

        await bob.SayAsync("on my way", _bob, SwitchWorld.Group);
        Assert.Equal("on my way", Peer.Text(await alice.ReadSendAsync()));
        await moved.SayAsync("here", _bob, SwitchWorld.Group);

        Assert.Equal("here", Peer.Text(await alice.ReadSendAsync()));
    }

    [Fact]
    public async Task Where_he_was_nobody_comes_in_any_more()
    {
        using var world = new SwitchWorld();
        await TalkAsync(world);
        await MoveAsync(world, isBound: true);

        var late = world.Connect("bob");
        await late.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, late.Paths));

        Assert.Equal(481, (await late.ReadAnswerAsync()).Status);
    }

    private static async Task<(Peer Alice, Peer Bob)> TalkAsync(SwitchWorld world)
    {
        var peers = await world.JoinAsync("alice", "bob");
        return (peers[0], peers[1]);
    }

    private static async Task<Peer> MoveAsync(SwitchWorld world, bool isBound)
    {
        world.Switch.OpenLeg(SwitchWorld.Leg("bob") with { RemotePath = [SwitchWorld.PeerUri("moved")] });
        var moved = world.Connect("bob", "moved");
        if (isBound)
            await SwitchWorld.BindAsync(moved);
        return moved;
    }
}
