using System.Diagnostics;
using System.Text.Json;
using ImSidecar.EndToEnd.Tests.Crowd;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Size;

/// <summary>One session of a thousand, the most there is, from its set-up to the last BYE.</summary>
[Collection(SizeProfileUsers.Name)]
public sealed class ThousandTests(SizeProfile profile)
{
    private const int Most = 1000;

    private readonly Stopwatch _watch = Stopwatch.StartNew();

    [Fact]
    public async Task A_thousand_meet_speak_watch_and_leave()
    {
        await using var crowd = await Crowd.Crowd.RegisterAsync("m", Most);
        var (inviter, late) = (crowd.Members[2], crowd.Members.TakeLast(20).ToList());
        var others = crowd.Members.Where(member => member != inviter).ToList();
        foreach (var member in late)
            member.Answer = 0;

        // The list of 999 goes by UDP, 40 KB in one datagram.
        Assert.False(inviter.CoreHop.IsReliable);
        Assert.Equal(200, (await Within(inviter.InviteAsync(others.Select(each => each.AddressOfRecord)))).Status);
        var early = crowd.Members.Except(late).ToList();
        await Until(() => early.All(member => member.IsIn && member.Leg.IsBound));
        Note("980 are in");

        await Crowd.Crowd.ForEachAsync(early, async member =>
            Assert.Equal(200, (await member.SubscribeAsync()).Status));
        await Until(() => early.All(member => member.Watch.UserCount == early.Count));
        Note("each has seen all of them");
        foreach (var member in late)
            member.PickUp();
        await Until(() => late.All(member => member.IsIn && member.Leg.IsBound));
        await Until(() => early.All(member => member.Watch.UserCount == Most));
        Note("20 more, seen by all");

        await SpeakAsync(crowd.Members, early.Take(10).ToList(), messages: 5);
        Note("50 messages to 999 each");

        var leaving = early.Where(member => member != inviter).Take(100).ToList();
        await Crowd.Crowd.ForEachAsync(leaving, async member => Assert.Equal(200, (await member.LeaveAsync()).Status));
        var staying = early.Except(leaving).ToList();
        await Until(() => staying.All(member => member.Watch.UserCount == Most - leaving.Count));
        AssertSame(staying, crowd.Members.Where(member => member.IsIn));
        Assert.All(staying, member => Assert.Equal(1, member.Watch.Documents.Full));
        await Until(() => leaving.All(member => member.Watch is { IsOver: true, EndReason: "noresource" }));
        Note("100 left, seen by all");

        Assert.Equal(200, (await inviter.LeaveAsync()).Status);
        await Until(() => crowd.Members.Except(leaving).All(member => member == inviter || member.WasSentAway));
        await Until(() => early.All(member => member.Watch.IsOver));
        Note("all are sent away");
        Assert.Empty(crowd.Faults);
        await AssertForgottenAsync();
        profile.ThrowIfDead();
    }

    // Each speaker says one after the other, all of them at once; everybody else hears each once and in order.
    private static async Task SpeakAsync(
        IReadOnlyList<CrowdMember> everybody, List<CrowdMember> speakers, int messages)
    {
        await Crowd.Crowd.ForEachAsync(speakers, async member =>
        {
            for (var i = 0; i < messages; i++)
                Assert.Equal(200, await member.Leg.SayAsync(member.User, member.Focus!));
        });
        await Until(() => everybody.All(member =>
            member.Leg.Heard == messages * (speakers.Contains(member) ? speakers.Count - 1 : speakers.Count)));
    }

    private static void AssertSame(List<CrowdMember> watching, IEnumerable<CrowdMember> present)
    {
        var truth = present.Select(member => member.AddressOfRecord).Order(StringComparer.Ordinal).ToList();
        Assert.All(watching, member => Assert.Equal(truth, member.Watch.Roster));
    }

    // Nothing is kept of it, in memory or in the store.
    private async Task AssertForgottenAsync()
    {
        var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var limit = new CancellationTokenSource(Soon);
        while (await ConferencesAsync() > 0)
            await tick.WaitForNextTickAsync(limit.Token);
        await profile.KillSidecarAsync();
        await profile.StartSidecarAsync();
        Assert.Equal(0, await ConferencesAsync());
    }

    private async Task<int> ConferencesAsync()
    {
        using var health = JsonDocument.Parse(
            await profile.Http.GetStringAsync("/health/ready", TestContext.Current.CancellationToken));
        return health.RootElement.GetProperty("conferences").GetInt32();
    }

    private void Note(string what) =>
        TestContext.Current.TestOutputHelper!.WriteLine($"{_watch.Elapsed.TotalSeconds,6:0.00} s {what}");
}
