using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>What takes too long, what is lost, and what the host hears of it.</summary>
public class SupervisionTests
{
    private static readonly string _alice = SwitchWorld.Aor("alice");

    private static readonly string _bobSession = SwitchWorld.Leg("bob").SessionId;

    [Fact, Trait("Spec", "RFC 4975 7.1.1")]
    public async Task A_peer_that_does_not_answer_in_30_s_is_told_once()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        peers[1].Answers = false;
        await peers[0].SayAsync("hello?", _alice, SwitchWorld.Group);
        await peers[0].SayAsync("still there?", _alice, SwitchWorld.Group);
        await peers[1].ReadSendAsync();
        var second = await peers[1].ReadSendAsync();

        await world.PassAsync(TimeSpan.FromSeconds(29));
        world.Switch.Supervise();
        Assert.False(world.Switch.Events.TryRead(out _));
        await world.PassAsync(TimeSpan.FromSeconds(2));
        world.Switch.Supervise();
        world.Switch.Supervise();

        Assert.Equal(new MsrpLegUnresponsive(_bobSession, "b1"), await world.NextEventAsync());
        Assert.False(world.Switch.Events.TryRead(out _));
        Assert.Equal("still there?", Peer.Text(second));
    }

    [Fact]
    public async Task A_peer_that_answers_is_not_unresponsive()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        await peers[0].SayAsync("hello?", _alice, SwitchWorld.Group);
        await peers[1].ReadSendAsync();

        // Its answer is in when what it sends behind it is answered.
        await SwitchWorld.BindAsync(peers[1]);
        await world.PassAsync(TimeSpan.FromSeconds(31));
        world.Switch.Supervise();

        Assert.False(world.Switch.Events.TryRead(out _));
    }

    [Fact]
    public async Task A_connection_without_a_session_is_closed_after_a_time()
    {
        using var world = new SwitchWorld();
        var peer = world.Connect("nobody");
        var alice = await world.JoinAsync("alice");

        await world.PassAsync(world.Options.BindTimeout + TimeSpan.FromSeconds(1));
        world.Switch.Supervise();

        Assert.Null(await peer.ReadAsync());
        await SwitchWorld.BindAsync(alice);
    }

    [Fact]
    public async Task A_peer_that_never_connects_is_told()
    {
        using var world = new SwitchWorld();
        world.Switch.OpenLeg(SwitchWorld.Leg("bob"));
        world.Switch.OpenLeg(SwitchWorld.Leg("pending") with { RemotePath = [] });

        await world.PassAsync(world.Options.BindTimeout + TimeSpan.FromSeconds(1));
        world.Switch.Supervise();
        world.Switch.Supervise();

        Assert.Equal(new MsrpLegLost(_bobSession, "b1", MsrpLoss.NeverConnected), await world.NextEventAsync());
        Assert.False(world.Switch.Events.TryRead(out _));
    }

    [Fact]
    public async Task A_peer_may_come_back_on_another_connection()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol");
        await peers[1].CloseAsync();
        Assert.Equal(new MsrpLegLost(_bobSession, "b1", MsrpLoss.Closed), await world.NextEventAsync());

        await peers[0].SayAsync("away", _alice, SwitchWorld.Group);
        await peers[0].ReadAnswerAsync();
        var again = world.Connect("bob");
        await SwitchWorld.BindAsync(again);
        Assert.Equal(new MsrpLegConnected(_bobSession, "b1"), await world.NextEventAsync());
        await peers[0].SayAsync("back", _alice, SwitchWorld.Group);

        Assert.Equal("away", Peer.Text(await again.ReadSendAsync()));
        Assert.Equal("back", Peer.Text(await again.ReadSendAsync()));
    }

    [Fact]
    public async Task What_was_said_to_who_comes_back_elsewhere_goes_there()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol");
        await peers[1].CloseAsync();
        Assert.IsType<MsrpLegLost>(await world.NextEventAsync());
        await peers[0].SayAsync("where are you?", _alice, SwitchWorld.Group);
        await peers[0].ReadAnswerAsync();

        // As when a re-INVITE of ours is out, and he connects before his answer to it is here.
        world.Switch.OpenLeg(SwitchWorld.Leg("bob") with { RemotePath = [] });
        await peers[0].SayAsync("hello?", _alice, SwitchWorld.Group);
        await peers[0].ReadAnswerAsync();
        var again = world.Connect("bob");
        await SwitchWorld.BindAsync(again);
        Assert.IsType<MsrpLegConnected>(await world.NextEventAsync());
        world.Switch.OpenLeg(SwitchWorld.Leg("bob") with { RemotePath = [SwitchWorld.PeerUri("elsewhere")] });

        var first = await again.ReadSendAsync();
        Assert.Equal(("where are you?", SwitchWorld.PeerUri("elsewhere")), (Peer.Text(first), first.Head.ToPath.Single()));
        Assert.Equal("hello?", Peer.Text(await again.ReadSendAsync()));
        await SwitchWorld.BindAsync(again);
        Assert.False(world.Switch.Events.TryRead(out _));
    }

    [Fact]
    public async Task What_waits_for_who_does_not_come_back_is_given_up()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol");
        await peers[1].CloseAsync();
        Assert.IsType<MsrpLegLost>(await world.NextEventAsync());
        await peers[0].SayAsync("away", _alice, SwitchWorld.Group);
        await peers[0].ReadAnswerAsync();

        await world.PassAsync(world.Options.BindTimeout + TimeSpan.FromSeconds(1));
        world.Switch.Supervise();
        Assert.Equal(new MsrpLegLost(_bobSession, "b1", MsrpLoss.NeverConnected), await world.NextEventAsync());
        var again = world.Connect("bob");
        await SwitchWorld.BindAsync(again);
        await peers[0].SayAsync("back", _alice, SwitchWorld.Group);

        Assert.Equal("back", Peer.Text(await again.ReadSendAsync()));
    }

    [Fact]
    public async Task With_a_time_of_its_own_a_leg_is_told_as_missed_and_what_is_said_waits_on()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");
        await world.JoinAsync("carol");
        world.Switch.OpenLeg(SwitchWorld.Leg("bob") with { ConnectWithin = TimeSpan.FromSeconds(5) });
        await alice.SayAsync("away", _alice, SwitchWorld.Group);
        await alice.ReadAnswerAsync();

        await world.PassAsync(TimeSpan.FromSeconds(6));
        world.Switch.Supervise();
        Assert.Equal(new MsrpLegLost(_bobSession, "b1", MsrpLoss.NeverConnected), await world.NextEventAsync());
        world.Switch.Supervise();
        Assert.False(world.Switch.Events.TryRead(out _));
        var bob = world.Connect("bob");
        await SwitchWorld.BindAsync(bob);

        Assert.Equal("away", Peer.Text(await bob.ReadSendAsync()));
    }

    [Fact, Trait("Spec", "RFC 4975 5.4")]
    public async Task Who_comes_on_a_new_connection_gets_506_and_then_the_session_if_the_old_one_is_silent()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        peers[1].Answers = false;
        var again = world.Connect("bob");
        await again.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, again.Paths));
        Assert.Equal(506, (await again.ReadAnswerAsync()).Status);
        Assert.False((await peers[1].ReadSendAsync()).Head.HasBody);

        await world.PassAsync(world.Options.ChallengeTimeout + TimeSpan.FromSeconds(1));
        await SwitchWorld.BindAsync(again);

        Assert.Null(await peers[1].ReadAsync());
        Assert.Equal(new MsrpLegConnected(_bobSession, "b1"), await world.NextEventAsync());
        await peers[0].SayAsync("there you are", _alice, SwitchWorld.Group);
        Assert.Equal("there you are", Peer.Text(await again.ReadSendAsync()));
    }

    [Fact, Trait("Spec", "RFC 4975 5.4")]
    public async Task Nobody_takes_the_session_of_a_connection_that_answers()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        var thief = world.Connect("bob");
        await thief.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, thief.Paths));
        Assert.Equal(506, (await thief.ReadAnswerAsync()).Status);
        await peers[1].ReadSendAsync();
        await SwitchWorld.BindAsync(peers[1]);

        await world.PassAsync(world.Options.ChallengeTimeout + TimeSpan.FromSeconds(1));
        await thief.WriteAsync(output => MsrpWriter.WriteKeepAlive(output, thief.Paths));

        Assert.Equal(506, (await thief.ReadAnswerAsync()).Status);
        Assert.False((await peers[1].ReadSendAsync()).Head.HasBody);
        await SwitchWorld.StillTalkAsync(peers[0], peers[1]);
    }

    [Fact]
    public async Task A_peer_that_does_not_know_the_session_has_lost_it()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol");
        peers[1].Answers = false;

        await peers[0].SayAsync("who?", _alice, SwitchWorld.Group);
        var frame = await peers[1].ReadSendAsync();
        await peers[1].WriteAsync(output => MsrpWriter.TryWriteResponse(output, frame.Head, 481));

        Assert.Equal(new MsrpLegLost(_bobSession, "b1", MsrpLoss.UnknownToPeer), await world.NextEventAsync());
        Assert.Null(await peers[1].ReadAsync());
    }

    [Fact]
    public async Task Another_remote_path_is_another_peer()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");

        world.Switch.OpenLeg(SwitchWorld.Leg("bob") with { AcceptTypes = ["message/cpim", "text/plain"] });
        await peers[0].SayAsync("same", _alice, SwitchWorld.Group);
        Assert.Equal("same", Peer.Text(await peers[1].ReadSendAsync()));
        world.Switch.OpenLeg(SwitchWorld.Leg("bob") with { RemotePath = [SwitchWorld.PeerUri("other")] });

        // The switch may not have finished with what bob said when the clock is turned.
        var ended = peers[1].ReadAsync();
        do
        {
            await world.PassAsync(world.Options.ChallengeTimeout + TimeSpan.FromSeconds(1));
            world.Switch.Supervise();
            await Task.WhenAny(ended, Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));
        }
        while (!ended.IsCompleted);
        Assert.Null(await ended);
        var next = world.Connect("bob", "other");
        await SwitchWorld.BindAsync(next);
        await peers[0].SayAsync("other", _alice, SwitchWorld.Group);
        Assert.Equal(SwitchWorld.PeerUri("other"), (await next.ReadSendAsync()).Head.ToPath.Single());
    }

    [Fact]
    public async Task A_connection_may_come_before_the_answer_that_says_its_path()
    {
        using var world = new SwitchWorld();
        var alice = await world.JoinAsync("alice");
        var bob = await world.JoinAsync("bob", leg => leg with { RemotePath = [] });

        world.Switch.OpenLeg(SwitchWorld.Leg("bob"));
        await alice.SayAsync("hello", _alice, SwitchWorld.Group);

        Assert.Equal("hello", Peer.Text(await bob.ReadSendAsync()));
    }

    [Fact]
    public async Task More_connections_than_allowed_are_refused()
    {
        using var world = new SwitchWorld(new() { MaxConnections = 2 });
        var peers = await world.JoinAsync("alice", "bob");

        world.Connect("carol");
        await peers[0].SayAsync("two are enough", _alice, SwitchWorld.Group);

        Assert.Equal("two are enough", Peer.Text(await peers[1].ReadSendAsync()));
        Assert.Equal(2, world.Switch.Connections.Count());
    }

    [Fact]
    public async Task Every_connection_ends_with_the_switch()
    {
        var world = new SwitchWorld();
        await world.JoinAsync("alice", "bob");

        world.Dispose();

        await world.ConnectionsEndedAsync();
    }
}
