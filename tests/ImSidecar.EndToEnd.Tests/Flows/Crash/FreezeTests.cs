using System.Diagnostics;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Crash;

/// <summary>Who stands still is found within 7 s, and goes on when it wakes up.</summary>
public class FreezeTests(DemoProfile profile) : CrashFlow(profile)
{
    // A keepalive and its answer, and some room for a machine with other work.
    private static readonly TimeSpan _found = TimeSpan.FromSeconds(7);

    [Fact]
    public async Task A_frozen_sidecar_is_found_within_7_s()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);

        var started = Stopwatch.GetTimestamp();
        using (Profile.FreezeSidecar())
        {
            Assert.Equal(503, (await Within(alice.OptionsAsync(DemoProfile.Factory))).Status);
            AssertFound(started);
            await AssertRefusedAtOnceAsync(alice);
        }

        await UntilServedAsync(alice);
        await TalkAsync(group, alice, bob);
        await LeaveAsync(group[bob], group[alice]);
    }

    [Fact]
    public async Task A_frozen_link_is_found_within_7_s_and_holds_no_worker_up()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);

        var started = Stopwatch.GetTimestamp();
        Task<SipMessage> caught;
        using (Profile.FreezeLink())
        {
            caught = carol.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]).Final;
            await UntilNotReadyAsync();
            AssertFound(started);
            await AssertRefusedAtOnceAsync(alice);
        }

        // What it held meanwhile is refused and rings nowhere.
        Assert.Equal(503, (await Within(caught)).Status);
        await UntilServedAsync(alice);
        await TalkAsync(group, alice, bob);
        await LeaveAsync(group[bob], group[alice]);
        Assert.False(bob.IncomingCalls.TryRead(out _));
    }

    [Fact]
    public async Task A_frozen_Kamailio_is_found_within_7_s()
    {
        var (alice, bob, carol) = await RegisterThree();
        var (group, ringing) = await TalkWhileOneRings(alice, bob, carol);

        var started = Stopwatch.GetTimestamp();
        using (Profile.FreezeKamailio())
        {
            await UntilNotReadyAsync();
            AssertFound(started);
        }

        // Who rang meanwhile is given up now, for nobody could tell him before.
        await Within(ringing.Cancelled);
        await UntilServedAsync(alice);
        await TalkAsync(group, alice, bob);
        await LeaveAsync(group[bob], group[alice]);
    }

    private static void AssertFound(long started)
    {
        var took = Stopwatch.GetElapsedTime(started);
        TestContext.Current.TestOutputHelper?.WriteLine($"found after {took.TotalSeconds:F1} s");
        Assert.True(took < _found, $"it took {took}");
    }

    private async Task UntilNotReadyAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await Profile.IsReadyAsync())
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }

    private static async Task AssertRefusedAtOnceAsync(Handset handset)
    {
        var started = Stopwatch.GetTimestamp();
        Assert.Equal(503, (await Within(handset.OptionsAsync(DemoProfile.Factory))).Status);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2), "it was not refused at once");
    }

    // It may believe for a moment that the old stream still stands.
    private static async Task UntilServedAsync(Handset handset)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var limit = new CancellationTokenSource(Soon);
        while ((await Within(handset.OptionsAsync(DemoProfile.Factory))).Status == 503)
            await tick.WaitForNextTickAsync(limit.Token);
    }
}
