using System.Diagnostics;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sdp;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>The sidecar dies, by kill -9 or in order, and goes on where it was.</summary>
public class RestartTests(DemoProfile profile) : Flow(profile)
{
    [Fact]
    public async Task While_it_is_away_everybody_gets_503_at_once()
    {
        var (alice, bob, _) = await RegisterThree();
        await Profile.KillSidecarAsync();

        var started = Stopwatch.GetTimestamp();
        var answer = await Refusal(alice, [bob.AddressOfRecord]);
        var took = Stopwatch.GetElapsedTime(started);
        await Profile.StartSidecarAsync();

        Assert.Equal((503, "5"), (answer.Status, answer["Retry-After"]));
        Assert.True(took < TimeSpan.FromSeconds(2), $"it took {took}");
        await Group.StartAsync(alice, [bob]);
    }

    [Fact]
    public async Task After_kill_9_the_dialogs_go_on()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();

        await GoOnAsync(group, alice, bob, carol, watching);
    }

    [Fact]
    public async Task After_SIGTERM_the_dialogs_go_on()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);

        var started = Stopwatch.GetTimestamp();
        Assert.Equal(0, await Profile.StopSidecarAsync());
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5), "it stopped slowly");
        await Profile.StartSidecarAsync();

        await GoOnAsync(group, alice, bob, carol, watching);
    }

    [Fact]
    public async Task After_a_restart_of_Kamailio_the_dialogs_go_on()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);

        await Profile.RestartKamailioAsync();

        Assert.Equal(200, await group.SayAsync(bob, "nothing happened"));
        Assert.Equal("nothing happened", (await group.HearAsync(carol)).Text);
        await EndAsync(group, alice, bob, carol, watching);
    }

    [Fact]
    public async Task A_set_up_that_a_crash_interrupts_leaves_nobody_ringing()
    {
        var (alice, bob, carol) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var bobRings = await Next(bob.IncomingCalls);
        var carolRings = await Next(carol.IncomingCalls);
        await bobRings.RingAsync();

        await Profile.KillSidecarAsync();
        var answer = await Within(starting.Final);
        await Profile.StartSidecarAsync();

        Assert.Equal(503, answer.Status);
        Assert.NotNull(answer["Retry-After"]);
        await Within(Task.WhenAll(bobRings.Cancelled, carolRings.Cancelled));
    }

    [Fact]
    public async Task A_crash_at_the_moment_of_the_answer_leaves_all_in_or_all_out()
    {
        var (alice, bob, carol) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        var carolRings = await Next(carol.IncomingCalls);
        var bobRings = await Next(bob.IncomingCalls);

        var accepting = bobRings.AcceptAsync(new() { Msrp = new() { PreferredSetup = SetupRole.Passive } });
        await Profile.KillSidecarAsync();
        var bobCall = await Within(accepting);
        var answer = await Within(starting.Final);
        await Profile.StartSidecarAsync();

        await Within(bobCall!.Acknowledged);
        if (answer.IsSuccess)
        {
            await Within(carolRings.AcceptAsync());
            Assert.Equal(200, (await Within((await starting.Answered).ByeAsync())).Status);
        }
        else
        {
            // Without alice, bob is in as long as carol may still come.
            await carolRings.RejectAsync();
            await Within(bobCall.Ended);
        }
    }

    [Fact]
    public async Task A_sidecar_that_froze_is_noticed_and_leaves_nobody_ringing()
    {
        var (alice, bob, carol) = await RegisterThree();
        SipMessage answer;
        using (Profile.FreezeSidecar())
            answer = await alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]).Final
                .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        // It may believe for a moment that its old stream still stands.
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await Within(alice.OptionsAsync(DemoProfile.Factory))).Status == 503)
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        await Group.StartAsync(alice, [carol]);

        Assert.Equal(503, answer.Status);
        while (bob.IncomingCalls.TryRead(out var ringing))
            await Within(ringing.Cancelled);
    }

    // MSRP on the legs again, then what is left of the session's life.
    private static async Task GoOnAsync(Group group, Handset alice, Handset bob, Handset carol, Subscription watching)
    {
        foreach (var handset in (Handset[])[alice, bob, carol])
        {
            await Until(() => !group[handset].Msrp!.IsConnected);
            await Within(group[handset].Msrp!.ConnectAsync());
        }

        Assert.Equal(200, await group.SayAsync(bob, "back again"));
        Assert.Equal("back again", (await group.HearAsync(carol)).Text);
        await EndAsync(group, alice, bob, carol, watching);
    }

    // A refresh, NOTIFY and BYE in the dialogs, up to the end of the session.
    private static async Task EndAsync(Group group, Handset alice, Handset bob, Handset carol, Subscription watching)
    {
        Assert.Equal(200, (await Within(watching.RefreshAsync())).Status);
        await ReadUntil(watching, told => told.Document!.State == ElementState.Full);
        Assert.Equal(200, (await Within(group[carol].ByeAsync())).Status);
        var left = await ReadUntil(
            watching, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Disconnected);
        Assert.Equal(ViewOutcome.Applied, left[^1].Outcome);

        Assert.Equal(200, (await Within(group[bob].ByeAsync())).Status);
        await Within(group[alice].Ended);
        Assert.Equal("noresource", (await Within(watching.Terminated)).Reason);
    }
}
