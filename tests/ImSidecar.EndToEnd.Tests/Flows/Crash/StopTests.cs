using System.Diagnostics;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Crash;

/// <summary>SIGTERM: a release is installed while people talk.</summary>
public class StopTests(DemoProfile profile) : CrashFlow(profile)
{
    // Under a second on a machine of its own.
    private static readonly TimeSpan _attached = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task It_is_attached_again_soon_after_it_listens()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);
        var leaving = group[carol].ByeAsync();

        var started = Stopwatch.GetTimestamp();
        Assert.Equal(0, await Profile.StopSidecarAsync());
        await Profile.LaunchSidecarAsync();
        await UntilLiveAsync();
        var listens = Stopwatch.GetTimestamp();
        await Profile.StartSidecarAsync();
        var took = Stopwatch.GetElapsedTime(listens);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"attached {took.TotalMilliseconds:F0} ms after listening, "
            + $"{Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms after SIGTERM");

        Assert.True(took < _attached, $"it took {took}");
        if ((await Within(leaving)).Status == 503)
            await Within(group[carol].SendAsync("BYE"));
        await ReadUntil(watching, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Disconnected);
        await TalkAsync(group, alice, bob);
        await LeaveAsync(group[bob], group[alice]);
    }

    [Fact]
    public async Task Who_waits_for_an_answer_gets_one_and_who_rings_stops()
    {
        var (alice, bob, _) = await RegisterThree();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var ringing = await Next(bob.IncomingCalls);
        await ringing.RingAsync();

        Assert.Equal(0, await Profile.StopSidecarAsync());
        var answer = await Within(starting.Final);
        await Profile.StartSidecarAsync();

        Assert.Equal(503, answer.Status);
        await Within(ringing.Cancelled);
    }

    private async Task UntilLiveAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        using var limit = new CancellationTokenSource(Soon);
        while (!await IsLiveAsync())
            await tick.WaitForNextTickAsync(limit.Token);
    }

    private async Task<bool> IsLiveAsync()
    {
        try
        {
            using var response = await Profile.Http.GetAsync("/health/live");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
