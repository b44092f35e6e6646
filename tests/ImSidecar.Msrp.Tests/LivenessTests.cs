using System.Net;
using System.Net.Sockets;
using ImSidecar.Msrp.Transport;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ImSidecar.Msrp.Tests;

/// <summary>A participant that vanishes without a word is noticed, and one that only does not keep up in the end too.</summary>
public class LivenessTests
{
    private static readonly string _alice = SwitchWorld.Aor("alice");
    private static readonly string _bobSession = SwitchWorld.Leg("bob").SessionId;
    private static readonly MsrpOptions _slow = new()
    {
        MaxBacklogBytes = 512 * 1024,
        KeepAlive = TimeSpan.Zero,
        StallTimeout = TimeSpan.FromHours(1),
        TransactionTimeout = TimeSpan.FromHours(1),
    };

    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Who_is_silent_is_asked_and_stays_when_he_answers()
    {
        using var world = new SwitchWorld();
        var bob = await world.JoinAsync("bob");

        await PassAsync(world, world.Options.KeepAlive + _second);

        var asked = await bob.ReadSendAsync();
        Assert.False(asked.Head.HasBody);
        Assert.Equal(SwitchWorld.PeerUri("bob"), asked.Head.ToPath.Single());

        // The answer is in when what he sends behind it is answered.
        await SwitchWorld.BindAsync(bob);
        await PassAsync(world, world.Options.TransactionTimeout + _second);
        Assert.False(world.Switch.Events.TryRead(out _));
        await SwitchWorld.BindAsync(bob);
    }

    [Fact]
    public async Task Who_does_not_answer_that_has_lost_his_connection()
    {
        using var world = new SwitchWorld();
        var bob = await world.JoinAsync("bob");
        bob.Answers = false;

        await PassAsync(world, world.Options.KeepAlive + _second);
        await bob.ReadSendAsync();
        await PassAsync(world, world.Options.TransactionTimeout + _second);

        Assert.Equal(new MsrpLegUnresponsive(_bobSession, "b1"), await world.NextEventAsync());
        Assert.Equal(new MsrpLegLost(_bobSession, "b1", MsrpLoss.Silent), await world.NextEventAsync());
        Assert.Null(await bob.ReadAsync());
    }

    [Fact]
    public async Task Who_leaves_a_message_unanswered_and_is_silent_is_asked_before_that_time()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob", "carol");
        peers[1].Answers = false;
        await peers[0].SayAsync("hello?", _alice, SwitchWorld.Group);
        await peers[1].ReadSendAsync();
        await peers[2].ReadSendAsync();
        await SwitchWorld.BindAsync(peers[2]);

        await PassAsync(world, world.Options.TransactionTimeout + _second);
        await peers[1].ReadSendAsync();
        await PassAsync(world, world.Options.TransactionTimeout + _second);

        Assert.Equal(new MsrpLegUnresponsive(_bobSession, "b1"), await world.NextEventAsync());
        Assert.Equal(new MsrpLegLost(_bobSession, "b1", MsrpLoss.Silent), await world.NextEventAsync());
        await SwitchWorld.StillTalkAsync(peers[0], peers[2]);
    }

    [Fact]
    public async Task Who_speaks_but_answers_nothing_is_not_silent()
    {
        using var world = new SwitchWorld();
        var peers = await world.JoinAsync("alice", "bob");
        peers[1].Answers = false;
        await peers[0].SayAsync("hello?", _alice, SwitchWorld.Group);
        await peers[1].ReadSendAsync();

        for (var i = 0; i < 5; i++)
        {
            await PassAsync(world, world.Options.TransactionTimeout - _second);
            await peers[1].SayAsync("I do not answer", SwitchWorld.Aor("bob"), SwitchWorld.Group);
            await peers[0].ReadSendAsync();
        }

        Assert.Equal(new MsrpLegUnresponsive(_bobSession, "b1"), await world.NextEventAsync());
        Assert.False(world.Switch.Events.TryRead(out _));
    }

    [Fact]
    public async Task Nobody_is_asked_where_the_operator_does_not_want_it()
    {
        using var world = new SwitchWorld(new() { KeepAlive = TimeSpan.Zero });
        var peers = await world.JoinAsync("alice", "bob");

        await PassAsync(world, TimeSpan.FromHours(1));
        await peers[0].SayAsync("the first", _alice, SwitchWorld.Group);

        Assert.Equal("the first", Peer.Text(await peers[1].ReadSendAsync()));
    }

    [Fact]
    public async Task Who_misses_too_much_loses_his_connection_and_the_others_hear_all()
    {
        using var world = new SwitchWorld(_slow with { MaxMissedMessages = 3 });
        var peers = await world.JoinAsync("alice", "slow", "fast");

        for (var i = 0; i < 40; i++)
        {
            await peers[0].SayAsync($"{i:000}" + new string('x', 20_000), _alice, SwitchWorld.Group);
            await peers[0].ReadAnswerAsync();
            Assert.StartsWith($"{i:000}", Peer.Text(await peers[2].ReadSendAsync()), StringComparison.Ordinal);
        }

        world.Switch.Supervise();
        Assert.Equal(
            new MsrpLegLost(SwitchWorld.Leg("slow").SessionId, "b1", MsrpLoss.Stalled), await world.NextEventAsync());
        await SwitchWorld.StillTalkAsync(peers[0], peers[2]);
    }

    [Fact]
    public async Task What_still_waited_when_a_connection_broke_comes_by_the_next_one()
    {
        using var world = new SwitchWorld(_slow);
        var peers = await world.JoinAsync("alice", "slow", "fast");
        for (var i = 0; i < 20; i++)
        {
            await peers[0].SayAsync($"{i:000}" + new string('x', 20_000), _alice, SwitchWorld.Group);
            await peers[0].ReadAnswerAsync();
            await peers[2].ReadSendAsync();
        }

        await peers[1].CloseAsync();
        Assert.Equal(
            new MsrpLegLost(SwitchWorld.Leg("slow").SessionId, "b1", MsrpLoss.Closed), await world.NextEventAsync());
        await peers[0].SayAsync("the last", _alice, SwitchWorld.Group);
        var back = world.Connect("slow");
        await SwitchWorld.BindAsync(back);

        var heard = new List<string>();
        while (heard.LastOrDefault() != "the last")
            heard.Add(Peer.Text(await back.ReadSendAsync())[..3] is var begin && begin == "the" ? "the last" : begin);

        Assert.StartsWith("019", heard[^2], StringComparison.Ordinal);
        Assert.Equal(heard.Order(StringComparer.Ordinal), heard);
        Assert.True(heard.Count > 2, "nothing waited");
    }

    [Fact]
    public async Task What_is_missed_now_and_then_does_no_harm()
    {
        using var world = new SwitchWorld(_slow with { MaxMissedMessages = 30 });
        var peers = await world.JoinAsync("alice", "slow", "fast");

        for (var i = 0; i < 80; i++)
        {
            await peers[0].SayAsync($"{i:000}" + new string('x', 20_000), _alice, SwitchWorld.Group);
            await peers[0].ReadAnswerAsync();
            await peers[2].ReadSendAsync();
            if (i % 20 == 0)
                Leap(world);
        }

        Leap(world);
        Assert.DoesNotContain(Events(world), each => each is MsrpLegLost);
    }

    [Fact]
    public async Task The_kernel_watches_over_each_connection()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        using var accepted = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        var connection = new DefaultConnectionContext();
        connection.Features.Set<IConnectionSocketFeature>(new Accepted(accepted));

        new SocketLiveness(TimeSpan.FromSeconds(70), TimeSpan.FromSeconds(27)).Watch(connection);

        Assert.NotEqual(0, accepted.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Assert.Equal(70, accepted.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
        Assert.Equal(9, accepted.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval));
        var timeout = new byte[4];
        accepted.GetRawSocketOption(6, 18, timeout);
        Assert.Equal(27_000, BitConverter.ToInt32(timeout));
    }

    private static async Task PassAsync(SwitchWorld world, TimeSpan time)
    {
        await world.PassAsync(time);
        world.Switch.Supervise();
    }

    // Something is on its way to who is slow, and stays there.
    private static void Leap(SwitchWorld world)
    {
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        world.Switch.Supervise();
    }

    private static List<MsrpLegEvent> Events(SwitchWorld world)
    {
        var events = new List<MsrpLegEvent>();
        while (world.Switch.Events.TryRead(out var happened))
            events.Add(happened);

        return events;
    }

    private sealed record Accepted(Socket Socket) : IConnectionSocketFeature;
}
