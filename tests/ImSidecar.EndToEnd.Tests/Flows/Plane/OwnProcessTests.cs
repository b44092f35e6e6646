using System.Diagnostics;
using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Msrp;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Msrp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Plane;

/// <summary>The MSRP plane as a process of its own: either side dies, and the other goes on.</summary>
public sealed class OwnProcessTests(DemoProfile profile, PlaneProcess plane)
    : Flow(profile), IClassFixture<PlaneProcess>
{
    private const string Store = "sip:deferred@im.example.com";

    protected override IReadOnlyList<string> Settings =>
    [
        $"--MsrpControl:Socket={plane.Socket}", PlaneProcess.Listen,
        "--Controlling:MediaReconnect=00:00:05",
        "--Participating:Domains:0=example.com",
    ];

    [Fact]
    public async Task Groups_nicknames_and_private_messages_work_as_in_one_process()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        Assert.Equal(200, await Within(group[bob].Msrp!.NicknameAsync("Snow cat")));
        Assert.Equal(MsrpStatus.NicknameInUse, await Within(group[carol].Msrp!.NicknameAsync("Snow cat")));
        Assert.Equal(200, await group.SayAsync(alice, "hello"));

        Assert.Equal("hello", (await group.HearAsync(bob)).Text);
        Assert.Equal("hello", (await group.HearAsync(carol)).Text);
        var health = await plane.Http.GetStringAsync("/health/ready", TestContext.Current.CancellationToken);
        Assert.Contains("\"sidecar\":\"demo\"", health, StringComparison.Ordinal);
        Assert.DoesNotContain("\"legs\":0", health, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_sidecar_is_dead_messages_go_on_and_nobody_connects_again()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);

        await Profile.KillSidecarAsync();
        Assert.Equal(200, await group.SayAsync(alice, "without it"));
        Assert.Equal("without it", (await group.HearAsync(bob)).Text);
        Assert.Equal("without it", (await group.HearAsync(carol)).Text);
        await Profile.StartSidecarAsync();

        Assert.Equal(200, await group.SayAsync(bob, "with it"));
        Assert.Equal("with it", (await group.HearAsync(alice)).Text);
        Assert.Equal("with it", (await group.HearAsync(carol)).Text);
        Assert.All([alice, bob, carol], handset => Assert.True(group[handset].Msrp!.IsConnected));

        // Longer than Controlling:MediaReconnect: nobody is missed.
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        Assert.All([alice, bob, carol], handset => Assert.False(group[handset].Requests.TryPeek(out _)));
        Assert.Equal(200, (await Within(group[carol].ByeAsync())).Status);
        Assert.Equal(200, await group.SayAsync(alice, "carol is gone"));
        Assert.Equal("carol is gone", (await group.HearAsync(bob)).Text);
    }

    [Fact]
    public async Task After_the_plane_died_who_connects_again_is_where_he_was()
    {
        var (alice, bob, carol) = await RegisterThree();
        var reconnects = new MsrpOptions { Reconnects = true };
        var group = await Group.StartAsync(
            alice, [bob, carol], new() { Msrp = reconnects }, new() { Msrp = reconnects });

        await plane.KillAsync();
        var started = Stopwatch.GetTimestamp();
        await UntilAsync(isReady: false);
        var refused = await Refusal(alice, [bob.AddressOfRecord]);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(3), "it was not noticed at once");
        await plane.StartAsync();
        await UntilAsync(isReady: true);

        Assert.Equal((503, "5"), (refused.Status, refused["Retry-After"]));
        Assert.Contains("No MSRP switch", refused["Warning"], StringComparison.Ordinal);
        await Until(() => ((Handset[])[alice, bob, carol]).All(handset => group[handset].Msrp!.IsConnected));
        Assert.Equal(200, await group.SayAsync(bob, "back again"));
        Assert.Equal("back again", (await group.HearAsync(alice)).Text);
        Assert.Equal("back again", (await group.HearAsync(carol)).Text);
    }

    [Fact]
    public async Task What_is_left_for_who_is_away_is_kept_and_fetched_through_it()
    {
        var alice = await Register("alice");
        var user = $"erin-{Guid.NewGuid():N}";
        var away = $"sip:{user}@example.com";
        var call = await Within(alice.Invite(away).Answered);
        await Within(call.Msrp!.Connected);
        Assert.Equal(200, (await Within(call.Msrp!.SendTextAsync(alice.AddressOfRecord, away, "call me"))).Status);
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);

        var fetching = await Within(Stranger(user).Invite(Store, new()
        {
            Msrp = new() { AcceptTypes = ["message/cpim"], AcceptWrappedTypes = ["*"] },
        }).Answered);

        Assert.Contains("call me", (await Next(fetching.Msrp!.Messages)).Text, StringComparison.Ordinal);
        Assert.Equal(CallEndedBy.Peer, (await Within(fetching.Ended)).By);
    }

    [Fact]
    public async Task Its_relay_carries_messages_and_the_operator_ends_a_session_of_it()
    {
        var (alice, bob, _) = await RegisterThree();
        await alice.UseRelayAsync(new() { Relays = [PlaneProcess.Relay] }, TestContext.Current.CancellationToken);
        var group = await Group.StartAsync(alice, [bob]);
        Assert.Equal(200, await group.SayAsync(alice, "through the relay"));
        Assert.Equal("through the relay", (await group.HearAsync(bob)).Text);

        var listed = await ControlAsync("msrp", "--relay", "--socket", plane.Socket);
        Assert.Contains("from 127.0.0.1, until", Assert.Single(listed.Trim().Split('\n')), StringComparison.Ordinal);
        await ControlAsync("msrp", "--end", listed.Split(':')[0], "--socket", plane.Socket);

        Assert.Empty(await ControlAsync("msrp", "--relay", "--socket", plane.Socket));
        Assert.Contains(
            "relay sessions: 0", await ControlAsync("msrp", "--socket", plane.Socket), StringComparison.Ordinal);
    }

    private async Task UntilAsync(bool isReady)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await Profile.IsReadyAsync() != isReady)
            await Within(tick.WaitForNextTickAsync(TestContext.Current.CancellationToken).AsTask());
    }
}
