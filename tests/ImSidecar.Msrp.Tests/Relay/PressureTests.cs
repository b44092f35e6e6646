using System.Text;
using ImSidecar.Msrp.Relay;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Tests.Relay;

/// <summary>Who reads slowly holds up who sends to him, and nobody else; what a session may carry.</summary>
public sealed class PressureTests : IDisposable
{
    private readonly List<RelayHost> _relays = [];

    public void Dispose() => _relays.ForEach(each => each.Dispose());

    [Fact]
    public async Task Who_does_not_read_stops_his_sender_only_and_gets_everything_in_the_end()
    {
        var relay = Start();
        using var alice = await relay.JoinAsync("alice");
        using var carol = await relay.JoinAsync("alice");
        using var bob = await relay.JoinAsync("bob");
        using var dave = await relay.JoinAsync("bob");
        var body = new byte[32 * 1024 * 1024];
        Random.Shared.NextBytes(body);

        var sending = alice.SendSlowlyAsync(bob.Path, body);
        await WaitAsync(() => relay.Server.IsHeldUp);
        Assert.False(sending.IsCompleted);

        await carol.SendAsync(dave, "We talk on");
        Assert.Equal("We talk on", Encoding.UTF8.GetString((await dave.ReadSendAsync()).Body.Span));

        var (got, _) = await bob.ReadMessageAsync();
        await sending;
        Assert.Equal(body, got);
        Assert.Equal(200, await alice.ReadAnswerAsync());
    }

    [Fact]
    public async Task Who_reads_nothing_for_too_long_is_cut_off_and_his_sender_hears_it()
    {
        var relay = Start();
        using var alice = await relay.JoinAsync("alice");
        using var bob = await relay.JoinAsync("bob");

        var sending = alice.SendSlowlyAsync(bob.Path, new byte[32 * 1024 * 1024]);
        await WaitAsync(() => relay.Server.IsHeldUp);
        var report = alice.ReadReportAsync();
        while (relay.Server.Connections > 1)
        {
            relay.Clock.Advance(relay.Options.StallTimeout + TimeSpan.FromSeconds(1));
            relay.Server.Supervise();
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Equal(408, (await report).Head.ReportStatus);
        await sending;
    }

    [Fact]
    public async Task Two_that_flood_each_other_go_on()
    {
        var relay = Start(options => options with { MaxPendingSends = 100 });
        using var alice = await relay.JoinAsync("alice");
        using var bob = await relay.JoinAsync("bob");

        var (toBob, toAlice) = (FloodAsync(alice, bob), FloodAsync(bob, alice));
        await Task.WhenAll(toBob, toAlice, TakeAsync(alice), TakeAsync(bob));

        static async Task FloodAsync(RelayEnd from, RelayEnd to)
        {
            for (var i = 0; i < 300; i++)
                await from.SendAsync(to, "another");
        }

        static async Task TakeAsync(RelayEnd end)
        {
            for (var sends = 0; sends < 300;)
                sends += (await end.ReadAsync()).Head.Method == MsrpMethod.Send ? 1 : 0;
        }
    }

    [Fact]
    public async Task A_session_carries_what_it_may_and_loses_nothing()
    {
        var relay = Start(options => options with { MaxBytesPerSecond = 200_000 });
        using var alice = await relay.JoinAsync("alice");
        using var bob = await relay.JoinAsync("bob");
        using var end = new CancellationTokenSource();

        // The clock of the relay stands: pauses are as long as they are, tokens come with the clock. It goes no faster
        // than the machine does, so what the machine is slow at is not counted.
        var moving = MoveAsync(relay, end.Token);
        for (var i = 0; i < 20; i++)
            await alice.SendAsync(bob.Path, new byte[20_000], "m" + i);
        for (var i = 0; i < 20; i++)
            Assert.Equal("m" + i, (await bob.ReadSendAsync()).Head.MessageId);

        await end.CancelAsync();
        Assert.InRange(await moving, TimeSpan.FromSeconds(0.8), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_connection_of_ours_that_no_session_uses_is_closed()
    {
        var relay = Start();
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var local = new MsrpUri("127.0.0.1", ((System.Net.IPEndPoint)listener.LocalEndpoint).Port, "peer");
        var alice = await relay.JoinAsync("alice");
        await alice.SendAsync([local], "x"u8.ToArray());
        using var peer = await RelayEnd.AcceptAsync(listener, local);
        await peer.ReadSendAsync();
        Assert.Equal(200, await alice.ReadAnswerAsync());
        await WaitAsync(() => relay.Server.Connections == 2);

        await relay.PassAsync(TimeSpan.FromMinutes(6));
        relay.Server.Supervise();
        Assert.Equal(2, relay.Server.Connections);

        alice.Dispose();
        await WaitAsync(() => relay.Server.Connections == 1);
        await relay.PassAsync(TimeSpan.FromMinutes(6));
        relay.Server.Supervise();
        relay.Server.Supervise();

        Assert.Null(await peer.TryReadAsync());
    }

    /// <summary>Moves the clock until the end; by how much.</summary>
    private static async Task<TimeSpan> MoveAsync(RelayHost relay, CancellationToken end)
    {
        var step = TimeSpan.FromMilliseconds(10);
        var moved = TimeSpan.Zero;
        for (; !end.IsCancellationRequested; moved += step)
        {
            relay.Clock.Advance(step);
            await Task.Delay(step, CancellationToken.None);
        }

        return moved;
    }

    private RelayHost Start(Func<RelayOptions, RelayOptions>? change = null)
    {
        var relay = new RelayHost(change);
        _relays.Add(relay);
        return relay;
    }

    private static async Task WaitAsync(Func<bool> isSo)
    {
        for (var i = 0; i < 2000 && !isSo(); i++)
            await Task.Delay(10, TestContext.Current.CancellationToken);

        Assert.True(isSo());
    }
}
