using System.Diagnostics;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Faults;

/// <summary>
/// More than the disk or the machine takes: new work is refused early, sessions go on, nothing grows, and it is over
/// when the flood is.
/// </summary>
[Collection(FaultyProfileUsers.Name)]
public sealed class OverloadTests(FaultyProfile profile) : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    // By the sidecar, and by Kamailio while that has enough to do.
    private static readonly string[] _retryAfter = ["3", "5"];

    private readonly Handsets _handsets = new();

    public async ValueTask InitializeAsync() => await profile.StartSidecarAsync();

    public async ValueTask DisposeAsync()
    {
        profile.KeepsTraces |= TestContext.Current.TestState?.Result == TestResult.Failed;
        profile.Disk.Well();
        await _handsets.DisposeAsync();
    }

    [Theory]
    [InlineData(300, 3)]
    [InlineData(2000, 16)]
    public async Task A_slow_disk_costs_new_sessions_first(int syncMilliseconds, int boundSeconds)
    {
        await using var flood = new Flood();
        await FloodAsync(
            flood, perSecond: 200, TimeSpan.FromMilliseconds(syncMilliseconds), TimeSpan.FromSeconds(boundSeconds));
    }

    [Fact]
    public async Task A_flood_of_invitations_leaves_nobody_ringing()
    {
        await using var flood = new Flood(rings: true);
        await FloodAsync(flood, perSecond: 500, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(3));
        await Until(() => flood.Ringing == 0);
    }

    private async Task FloodAsync(Flood flood, int perSecond, TimeSpan sync, TimeSpan bound)
    {
        Handset[] all =
        [
            await _handsets.RegisterAsync("alice"), await _handsets.RegisterAsync("bob"),
            await _handsets.RegisterAsync("carol"), await _handsets.RegisterAsync("dave"),
        ];
        var (alice, bob, carol, dave) = (all[0], all[1], all[2], all[3]);
        var group = await Group.StartAsync(alice, [bob, carol, dave]);
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);
        var before = await LoadAsync();
        using var watched = new CancellationTokenSource(_patience);
        using var flooded = new CancellationTokenSource(_patience);
        var peak = PeakAsync(watched.Token);

        profile.Disk.Slow(sync);
        var sending = flood.SendAsync(perSecond, flooded.Token);
        await UntilRefusing(before.Refused);

        // While new work is refused: messages at once, and what belongs to the session in bounded time.
        await Timed("message", TimeSpan.FromSeconds(2), async () => Assert.Equal(200, await group.SayAsync(bob, "go on")));
        await Timed("refresh", bound, async () => Assert.Equal(200, (await Within(group[bob].ReinviteAsync())).Status));
        await Timed("subscription", bound, async () => Assert.Equal(200, (await Within(watching.RefreshAsync())).Status));
        await Timed("BYE", bound, async () => Assert.Equal(200, (await Within(group[dave].ByeAsync())).Status));
        await flooded.CancelAsync();
        await sending;
        profile.Disk.Well();
        var answers = await flood.AnswersAsync();

        // Every one has its answer: refused by the one it invited, given up, or not taken on.
        var refused = answers.Where(answer => answer.Status == 503).ToList();
        Assert.InRange(refused.Count, 1, answers.Length - 1);
        Assert.All(refused, answer => Assert.Contains(answer["Retry-After"], _retryAfter));
        Assert.All(answers, answer => Assert.Contains(answer.Status, (int[])[480, 486, 503]));
        await watched.CancelAsync();
        var (requests, events, saves, grown) = await peak;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{answers.Length} sent, {refused.Count} refused ({refused.Count(answer => answer["Retry-After"] == "3")} by the sidecar); at most {requests} requests and {events} events in work, "
            + $"{saves} saves waiting, {grown >> 20} MiB more");
        // Looked at now and then, so the peak itself may be missed; that nothing is refused below it is AdmissionTests' matter.
        Assert.InRange(requests, FaultyProfile.MaxNewRequests / 2, FaultyProfile.MaxNewRequests + 20);
        Assert.InRange(saves, 0, 2048);
        Assert.InRange(grown, 0, 150L << 20);

        // And all is as before, as soon as Kamailio takes new ones again: a pause lasts a quarter of a second at most.
        await Task.Delay(TimeSpan.FromSeconds(0.3), TestContext.Current.CancellationToken);
        await Timed("new session", TimeSpan.FromSeconds(5), async () => await Group.StartAsync(dave, [carol]));
        Assert.Equal(200, await group.SayAsync(carol, "over"));
        var after = await LoadAsync();
        Assert.Equal(0, after.Requests);
        Assert.InRange(after.Refused - before.Refused, 1, refused.Count);
        Assert.Empty(_handsets.Violations);
        profile.ThrowIfDead();
    }

    private static async Task Timed(string what, TimeSpan bound, Func<Task> act)
    {
        var watch = Stopwatch.StartNew();
        await act();
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {watch.Elapsed.TotalSeconds:0.000} s");
        Assert.True(watch.Elapsed < bound, $"{what} took {watch.Elapsed}");
    }

    private async Task UntilRefusing(long before)
    {
        using var limit = new CancellationTokenSource(Soon);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await LoadAsync()).Refused == before)
            await tick.WaitForNextTickAsync(limit.Token);
    }

    private async Task<(int Requests, int Events, int Saves, long Grown)> PeakAsync(CancellationToken ended)
    {
        var start = Meter.ResidentBytes(profile.Sidecar.Id);
        var (requests, events, saves, grown) = (0, 0, 0, 0L);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!ended.IsCancellationRequested)
        {
            var load = await LoadAsync();
            requests = Math.Max(requests, load.Requests);
            events = Math.Max(events, load.Events);
            saves = Math.Max(saves, load.Saves);
            grown = Math.Max(grown, Meter.ResidentBytes(profile.Sidecar.Id) - start);
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }

        return (requests, events, saves, grown);
    }

    private async Task<(int Requests, int Events, int Saves, long Refused)> LoadAsync()
    {
        var (_, health) = await profile.HealthAsync();
        return (
            health.GetProperty("requestsInWork").GetInt32(), health.GetProperty("eventsInWork").GetInt32(),
            health.GetProperty("savesWaiting").GetInt32(), health.GetProperty("refused").GetInt64());
    }
}
