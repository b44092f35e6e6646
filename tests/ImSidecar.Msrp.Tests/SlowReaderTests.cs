using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests;

/// <summary>One recipient that does not read holds nobody else up, and nothing grows without end.</summary>
public class SlowReaderTests
{
    private const int Size = 20_000;

    private static readonly string _alice = SwitchWorld.Aor("alice");

    private static readonly MsrpOptions _small = new()
    {
        MaxBacklogBytes = 512 * 1024,
        TransactionTimeout = TimeSpan.FromHours(1),
    };

    [Fact]
    public async Task The_others_get_everything_and_the_slow_one_whole_messages_only()
    {
        using var world = new SwitchWorld(_small);
        var peers = await world.JoinAsync("alice", "slow", "fast");

        // Far more than the pipe and the backlog of the slow one hold.
        for (var i = 0; i < 60; i++)
        {
            await peers[0].SayAsync($"{i:000}" + new string('x', Size), _alice, SwitchWorld.Group);
            Assert.Equal(200, (await peers[0].ReadAnswerAsync()).Status);
            Assert.StartsWith($"{i:000}", Peer.Text(await peers[2].ReadSendAsync()), StringComparison.Ordinal);
        }

        // What waited comes, in order and whole; then it hears what is said from now on.
        await peers[0].SayAsync("now", _alice, SwitchWorld.Group);
        var heard = new List<string>();
        while (heard.Count == 0 || heard[^1] != "now")
            heard.Add(Peer.Text(await peers[1].ReadSendAsync()));

        Assert.InRange(heard.Count, 5, 40);
        Assert.Equal(heard.Take(heard.Count - 1).Order(StringComparer.Ordinal), heard.Take(heard.Count - 1));
        Assert.False(world.Switch.Events.TryRead(out _));
    }

    [Fact]
    public async Task A_message_that_no_longer_fits_is_given_up_for_the_slow_one()
    {
        using var world = new SwitchWorld(_small);
        var peers = await world.JoinAsync("alice", "slow", "fast");
        var body = Peer.Cpim(new string('x', 2_000_000), _alice, SwitchWorld.Group);
        var fast = CountAsync(peers[2]);

        await peers[0].SendAsync(body, "m1", new(1, null, body.Length));
        Assert.Equal(200, (await peers[0].ReadAnswerAsync()).Status);

        Assert.Equal((body.Length, MsrpFlag.Last), await fast);
        var (got, flag) = await CountAsync(peers[1]);
        Assert.Equal(MsrpFlag.Abort, flag);
        Assert.InRange(got, 64 * 1024, 900_000);
    }

    [Fact]
    public async Task Between_two_the_sender_waits_and_nothing_is_lost()
    {
        using var world = new SwitchWorld(_small);
        var peers = await world.JoinAsync("alice", "slow");
        var body = Peer.Cpim(new string('x', 3_000_000), _alice, SwitchWorld.Group);

        var sending = peers[0].SendLongAsync(body);
        await SwitchWorld.UntilAsync(() => world.Switch.Connections.Any(each => each.IsPaused));
        Assert.False(sending.IsCompleted);
        var receiving = CountAsync(peers[1]);

        await SwitchWorld.WithinAsync(sending);
        Assert.Equal((body.Length, MsrpFlag.Last), await receiving);
    }

    [Fact]
    public async Task A_peer_that_reads_nothing_for_too_long_is_dropped()
    {
        using var world = new SwitchWorld(_small);
        var peers = await world.JoinAsync("alice", "slow", "fast");
        for (var i = 0; i < 20; i++)
        {
            await peers[0].SayAsync(new string('x', Size), _alice, SwitchWorld.Group);
            await peers[0].ReadAnswerAsync();
            await peers[2].ReadSendAsync();
        }

        world.Clock.Advance(world.Options.StallTimeout + TimeSpan.FromSeconds(1));
        world.Switch.Supervise();

        var lost = new MsrpLegLost(SwitchWorld.Leg("slow").SessionId, "b1", MsrpLoss.Stalled);
        Assert.Equal(lost, await world.NextEventAsync());
        await peers[0].SayAsync("goes on", _alice, SwitchWorld.Group);
        Assert.Equal("goes on", Peer.Text(await peers[2].ReadSendAsync()));
    }

    [Fact]
    public async Task A_sender_that_waits_can_be_closed()
    {
        using var world = new SwitchWorld(_small);
        var peers = await world.JoinAsync("alice", "slow");
        _ = peers[0].SendLongAsync(Peer.Cpim(new string('x', 3_000_000), _alice, SwitchWorld.Group));
        await SwitchWorld.UntilAsync(() => world.Switch.Connections.Any(each => each.IsPaused));

        world.Switch.CloseLeg(SwitchWorld.Leg("alice").SessionId);

        // What he was still saying has no session any more.
        Assert.Equal(481, (await peers[0].ReadAnswerAsync()).Status);
        Assert.Null(await peers[0].ReadAsync());
    }

    [Fact]
    public async Task A_sender_goes_on_when_the_one_it_waits_for_is_closed()
    {
        using var world = new SwitchWorld(_small);
        var peers = await world.JoinAsync("alice", "slow");
        var sending = peers[0].SendLongAsync(Peer.Cpim(new string('x', 3_000_000), _alice, SwitchWorld.Group));
        await SwitchWorld.UntilAsync(() => world.Switch.Connections.Any(each => each.IsPaused));

        world.Switch.CloseLeg(SwitchWorld.Leg("slow").SessionId);

        await SwitchWorld.WithinAsync(sending);
        Assert.Equal(408, (await peers[0].ReadAnswerAsync()).Status);
    }

    [Fact]
    public async Task A_peer_that_takes_no_answers_is_not_read_from()
    {
        using var world = new SwitchWorld(_small);
        var alice = await world.JoinAsync("alice");

        var sending = WriteKeepAlivesAsync(alice, 20_000);
        await SwitchWorld.UntilAsync(() => world.Switch.Connections.Any(each => each.IsPaused));

        Assert.False(sending.IsCompleted);
        for (var i = 0; i < 20_000; i++)
            await alice.ReadAnswerAsync();
        await SwitchWorld.WithinAsync(sending);
    }

    private static async Task WriteKeepAlivesAsync(Peer peer, int count)
    {
        for (var i = 0; i < count; i++)
            await peer.WriteWaitingAsync(output => MsrpWriter.WriteKeepAlive(output, peer.Paths));
    }

    private static async Task<(long Bytes, MsrpFlag Flag)> CountAsync(Peer peer)
    {
        for (var got = 0L; ;)
        {
            var frame = await peer.ReadSendAsync();
            got += frame.Body.Length;
            if (frame.Flag != MsrpFlag.More)
                return (got, frame.Flag);
        }
    }
}
