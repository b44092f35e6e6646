using System.Diagnostics;
using System.Globalization;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Crowd;

namespace ImSidecar.EndToEnd.Tests.Size;

/// <summary>
/// Many conferences of five at once: set-up, leaving, refreshes and messages in some, the sidecar killed with all of them
/// loaded, tear-down. `make size` runs it with ten thousand, the tests with three hundred.
/// </summary>
public sealed class SizeRun(SizeProfile profile) : SizeFlow(profile)
{
    private const int Five = 5;
    private const int AtOnce = 48;

    // Every so many conferences one has MSRP legs; the others are SIP alone.
    private const int TalkingShare = 20;

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Random _random = new(1);
    private int _busy;

    [Fact]
    public Task Three_hundred_conferences_of_five_at_once() => RunAsync("few", 300);

    [Fact(Explicit = true)]
    public Task Ten_thousand_conferences_of_five_at_once() => RunAsync("many", 10_000);

    private async Task RunAsync(string name, int conferences)
    {
        await using var crowd = await Crowd.Crowd.RegisterAsync(name, conferences * Five, new()
        {
            Ports = 32,
            Connects = number => (number - 1) / Five % TalkingShare == 0,
        });
        var groups = crowd.Members.Chunk(Five).ToList();
        var talking = groups.Where(group => group[0].Connects).ToList();
        Note($"{crowd.Members.Count} users registered");
        var idle = await Usage.OfAsync(Profile);

        await TimedAsync("set-up", conferences, () => Crowd.Crowd.ForEachAsync(groups, MeetAsync, AtOnce));
        await ReportAsync("all are in", idle, conferences);
        Assert.Equal((conferences, conferences * Five), await HeldAsync());
        await SpeakAsync(talking, 1);

        var leavers = Some(groups, 10).ConvertAll(group => group[_random.Next(1, Five)]);
        await TimedAsync("leaving", leavers.Count, () => Crowd.Crowd.ForEachAsync(
            leavers, async member => Assert.Equal(200, (await member.LeaveAsync()).Status), AtOnce));
        await RefreshAsync(groups);

        await RestartAsync(crowd, conferences);
        await SpeakAsync(talking, 2);
        await RefreshAsync(groups);
        await ReportAsync("after the restart", idle, conferences);

        await TimedAsync("tear-down", conferences, () => TearDownAsync(crowd, groups));
        Assert.Empty(crowd.Faults);
        var after = await Usage.OfAsync(Profile);
        Note($"all forgotten: {after}; answered 503 and asked again: {_busy}");
        Profile.ThrowIfDead();
    }

    private async Task MeetAsync(CrowdMember[] group)
    {
        var inviter = group[0];
        var answer = await RetryAsync(() => inviter.InviteAsync(group.Skip(1).Select(each => each.AddressOfRecord)));
        Assert.Equal(200, answer.Status);
        await Task.WhenAll(group.Select(member => member.Joined)).WaitAsync(TimeSpan.FromSeconds(60));
        if (inviter.Connects)
            Assert.Equal(200, (await RetryAsync(() => inviter.SubscribeAsync())).Status);
    }

    private async Task SpeakAsync(List<CrowdMember[]> talking, int round)
    {
        foreach (var group in talking)
        {
            var present = group.Where(member => member.IsIn).ToList();
            await UntilAsync(() => present.TrueForAll(member => member.Leg.IsBound));
            var before = present.ConvertAll(member => member.Leg.Heard);
            foreach (var member in present)
                Assert.Equal(200, await member.Leg.SayAsync(member.User, member.Focus!));
            await UntilAsync(() => present.Index().All(each =>
                each.Item.Leg.Heard == before[each.Index] + present.Count - 1));
        }

        Note($"round {round} of messages in {talking.Count}");
    }

    private async Task RefreshAsync(List<CrowdMember[]> groups)
    {
        var some = Some(groups, 20).ConvertAll(group => group.First(member => member.IsIn));
        await TimedAsync("refreshes", some.Count, () => Crowd.Crowd.ForEachAsync(
            some, async member => Assert.Equal(200, (await RetryAsync(member.RefreshAsync)).Status), AtOnce));
    }

    // Killed, not stopped; who talks connects again as the active side does.
    private async Task RestartAsync(Crowd.Crowd crowd, int conferences)
    {
        var held = await HeldAsync();
        await Profile.KillSidecarAsync();
        var away = Stopwatch.StartNew();
        await Profile.StartSidecarAsync();
        Note(string.Create(CultureInfo.InvariantCulture,
            $"killed with {conferences} conferences: ready again after {away.Elapsed.TotalSeconds:0.0} s"));

        // It is ready before all are loaded; none may be missing in the end.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await HeldAsync() != held)
            await tick.WaitForNextTickAsync(limit.Token);
        Note(string.Create(CultureInfo.InvariantCulture, $"all are loaded again after {away.Elapsed.TotalSeconds:0.0} s"));
        await Crowd.Crowd.ForEachAsync(
            crowd.Members.Where(member => member is { IsIn: true, Connects: true }), member => member.Leg.ReconnectAsync());
    }

    private async Task TearDownAsync(Crowd.Crowd crowd, List<CrowdMember[]> groups)
    {
        await Crowd.Crowd.ForEachAsync(groups, async group =>
        {
            Assert.Equal(200, (await group[0].LeaveAsync()).Status);
            await UntilAsync(() => group.All(member => !member.IsIn));
        }, AtOnce);
        await UntilAsync(() => crowd.Members.All(member => !member.Watch.IsWatching));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while ((await HeldAsync()).Conferences > 0)
            await tick.WaitForNextTickAsync();
    }

    private async Task<SipMessage> RetryAsync(Func<Task<SipMessage>> ask)
    {
        // Retry-After of the sidecar.
        using var pause = new PeriodicTimer(TimeSpan.FromSeconds(5));
        for (var tries = 0; ; tries++)
        {
            var answer = await ask();
            if (answer.Status != 503 || tries == 5)
                return answer;

            Interlocked.Increment(ref _busy);
            await pause.WaitForNextTickAsync();
        }
    }

    private async Task<(int Conferences, int Participants)> HeldAsync()
    {
        var usage = await Usage.OfAsync(Profile);
        return (usage.Conferences, usage.Participants);
    }

    private List<CrowdMember[]> Some(List<CrowdMember[]> groups, int oneOf) =>
        [.. groups.Where(_ => _random.Next(oneOf) == 0)];

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!isSo())
            await tick.WaitForNextTickAsync(limit.Token);
    }

    private async Task TimedAsync(string what, int count, Func<Task> act)
    {
        var start = _watch.Elapsed;
        await act();
        var took = (_watch.Elapsed - start).TotalSeconds;
        Note(string.Create(CultureInfo.InvariantCulture, $"{what}: {count} in {took:0.0} s, {count / took:0} per s"));
    }

    private async Task ReportAsync(string when, Usage idle, int conferences)
    {
        var usage = await Usage.OfAsync(Profile);
        Note($"{when}: {usage}");
        Note($"{when}, for each participant: {usage.PerEach(idle, conferences * Five)}");
    }

    private void Note(string what) => TestContext.Current.TestOutputHelper!.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{_watch.Elapsed.TotalSeconds,6:0.0} s  {what}"));
}
