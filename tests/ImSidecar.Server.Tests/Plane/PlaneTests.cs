using System.Threading.Channels;
using ImSidecar.Grpc;
using ImSidecar.Msrp;
using ImSidecar.Msrp.V1;
using ImSidecar.Protocol.Msrp;
using static ImSidecar.Server.Tests.Plane.PlaneWorld;

namespace ImSidecar.Server.Tests.Plane;

/// <summary>The MSRP plane as a process of its own: what both sides know when one of them was away.</summary>
public class PlaneTests
{
    [Fact]
    public async Task A_leg_is_open_there_when_the_wait_for_it_ends()
    {
        await using var world = await new PlaneWorld().StartAsync();

        for (var i = 0; i < 100; i++)
        {
            await world.Remote.OpenLegAsync(Leg($"s{i}"));
            Assert.Contains($"s{i}", world.Switch.Recorded.Legs);
        }

        world.Remote.CloseLeg("s7");
        await UntilAsync(() => world.Switch.Recorded.Legs.Count == 99);
        Assert.DoesNotContain("s7", world.Switch.Recorded.Legs);
    }

    [Fact]
    public async Task What_happens_there_is_told_here_and_answered_there()
    {
        await using var world = await new PlaneWorld().StartAsync();
        await world.Remote.OpenLegAsync(Leg("s1", endsHere: true));

        world.Switch.Recorded.Raise(new MsrpLegNickname("s1", "c1", "t1", "cat"));
        world.Switch.Recorded.Raise(new MsrpMessageArrived("s1", "c1", 9, "m1", "text/plain", new byte[1], new byte[2]));
        Assert.Equal("cat", Assert.IsType<MsrpLegNickname>(await world.NextAsync()).Nickname);
        Assert.Equal(9, Assert.IsType<MsrpMessageArrived>(await world.NextAsync()).Token);
        world.Remote.AnswerNickname("s1", "t1", 425);
        world.Remote.AnswerMessage("s1", 9, 200);

        Assert.Equal(("s1", "t1", 425), await ReadAsync(world.Switch.Recorded.Nicknames.Reader));
        Assert.Equal(("s1", 9, 200), await ReadAsync(world.Switch.Recorded.Answers.Reader));
    }

    [Fact]
    public async Task A_plane_that_comes_back_is_told_of_every_leg()
    {
        await using var world = await new PlaneWorld().StartAsync();
        await world.Remote.OpenLegAsync(Leg("s1"));
        await world.StopPlaneAsync();
        Assert.False(world.Remote.IsAvailable);

        await world.Remote.OpenLegAsync(Leg("s2"));
        world.Remote.CloseLeg("s1");
        await world.StartPlaneAsync();

        await UntilAsync(() => world.Switch.Recorded.Legs.Count == 1);
        Assert.Contains("s2", world.Switch.Recorded.Legs);
    }

    [Fact]
    public async Task A_sidecar_that_comes_back_closes_what_it_does_not_know_and_hears_who_is_connected()
    {
        await using var world = new PlaneWorld();
        await world.StartPlaneAsync();
        foreach (var session in (string[])["known", "alone", "unknown"])
            await world.Switch.OpenLegAsync(Leg(session));
        world.Switch.Connected.Add("known");

        await world.Remote.OpenLegAsync(Leg("known"));
        await world.Remote.OpenLegAsync(Leg("alone"));
        await world.StartSidecarAsync();

        Assert.Equal(new MsrpLegConnected("known", "c1"), await world.NextAsync());
        await UntilAsync(() => world.Switch.Recorded.Legs.Count == 2);
        Assert.DoesNotContain("unknown", world.Switch.Recorded.Legs);
        Assert.False(world.Remote.Events.TryPeek(out _));
    }

    [Fact]
    public async Task What_was_under_way_when_the_plane_ended_nobody_knows()
    {
        await using var world = await new PlaneWorld().StartAsync();
        await world.Remote.OpenLegAsync(Leg("s1", endsHere: true));
        Assert.True(world.Remote.Send("s1", Message("m001")));
        Assert.True(world.Remote.Send("s1", Message("m002")));
        await ReadAsync(world.Switch.Recorded.Sent.Reader);
        world.Switch.Recorded.Raise(new MsrpMessageSettled("s1", "c1", "m001", 200));
        Assert.Equal(new MsrpMessageSettled("s1", "c1", "m001", 200), await world.NextAsync());

        await world.StopPlaneAsync();

        Assert.Equal(new MsrpMessageSettled("s1", "c1", "m002", 0), await world.NextAsync());
        Assert.False(world.Remote.Send("s1", Message("m003")));
    }

    [Fact]
    public async Task No_more_is_taken_for_a_peer_than_the_switch_itself_would_take()
    {
        await using var world = await new PlaneWorld().StartAsync();
        await world.Remote.OpenLegAsync(Leg("s1", endsHere: true));
        await world.Remote.OpenLegAsync(Leg("s2"));

        for (var i = 0; i < new MsrpOptions().MaxOpenMessages; i++)
            Assert.True(world.Remote.Send("s1", Message($"m00{i}")));

        Assert.False(world.Remote.Send("s1", Message("more")));
        Assert.False(world.Remote.Send("s2", Message("goes-round")));
        Assert.False(world.Remote.Send("s3", Message("nowhere")));
    }

    [Fact]
    public async Task While_no_sidecar_is_there_who_asks_is_answered()
    {
        await using var world = await new PlaneWorld().StartAsync();
        await world.Remote.OpenLegAsync(Leg("s1", endsHere: true));
        await world.StopSidecarAsync();
        await UntilAsync(() => !world.HasSidecar);

        world.Switch.Recorded.Raise(new MsrpLegNickname("s1", "c1", "t1", "cat"));
        world.Switch.Recorded.Raise(new MsrpMessageArrived("s1", "c1", 9, "m1", "text/plain", new byte[1], new byte[2]));

        Assert.Equal(MsrpStatus.Timeout, (await ReadAsync(world.Switch.Recorded.Nicknames.Reader)).Status);
        Assert.Equal(MsrpStatus.Timeout, (await ReadAsync(world.Switch.Recorded.Answers.Reader)).Status);
        Assert.Contains("s1", world.Switch.Recorded.Legs);
    }

    [Fact]
    public async Task Sessions_of_a_sidecar_that_stays_away_end()
    {
        await using var world = await new PlaneWorld(TimeSpan.FromMilliseconds(50)).StartAsync();
        await world.Remote.OpenLegAsync(Leg("s1"));
        await world.StopSidecarAsync();

        await UntilAsync(() => world.Switch.Recorded.Legs.IsEmpty);
    }

    [Fact]
    public async Task A_stream_that_does_not_say_hello_is_refused_and_disturbs_nobody()
    {
        await using var world = await new PlaneWorld().StartAsync();
        using var channel = new GrpcChannel(world.Socket);
        await using var call = channel.Open<MsrpCommandBatch, MsrpEventBatch>(
            "/imsidecar.v1.MsrpSwitch/Attach", MsrpEventBatch.Parser, 1024, Cancellation);
        await using var newer = channel.Open<MsrpCommandBatch, MsrpEventBatch>(
            "/imsidecar.v1.MsrpSwitch/Attach", MsrpEventBatch.Parser, 1024, Cancellation);
        await call.WriteAsync(new() { Commands = { new MsrpCommand { Synchronized = new() } } }, Cancellation);
        await newer.WriteAsync(
            new() { Commands = { new MsrpCommand { Hello = new() { ProtocolVersion = 2 } } } }, Cancellation);

        var mute = await Assert.ThrowsAsync<GrpcStatusException>(async () => await call.ReadAsync(Cancellation));
        var foreign = await Assert.ThrowsAsync<GrpcStatusException>(async () => await newer.ReadAsync(Cancellation));

        Assert.Equal(GrpcStatusCode.InvalidArgument, mute.Code);
        Assert.Equal(GrpcStatusCode.FailedPrecondition, foreign.Code);
        Assert.True(world.Remote.IsAvailable);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<T> ReadAsync<T>(ChannelReader<T> reader) => reader
        .ReadAsync(TestContext.Current.CancellationToken).AsTask()
        .WaitAsync(Patience, TestContext.Current.CancellationToken);

    private static MsrpMessage Message(string id) =>
        new() { MessageId = id, ContentType = "text/plain", Body = new byte[3] };
}
