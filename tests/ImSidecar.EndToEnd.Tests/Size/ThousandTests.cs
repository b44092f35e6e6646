using System.Diagnostics;
using ImSidecar.EndToEnd.Tests.Crowd;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Size;

/// <summary>One session of a thousand, the most there is, from its set-up to the last BYE.</summary>
public sealed class ThousandTests(SizeProfile profile) : SizeFlow(profile)
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

        var idle = await Usage.OfAsync(Profile);

        // The list of 999 goes by UDP, 40 KB in one datagram.
        Assert.False(inviter.CoreHop.IsReliable);
        Assert.Equal(200, (await Within(inviter.InviteAsync(others.Select(each => each.AddressOfRecord)))).Status);
        var early = crowd.Members.Except(late).ToList();
        await Until(() => early.All(member => member.IsIn && member.Leg.IsBound));
        Note("980 are in, for each: " + (await Usage.OfAsync(Profile)).PerEach(idle, early.Count));

        await Crowd.Crowd.ForEachAsync(early, async member =>
            Assert.Equal(200, (await member.SubscribeAsync()).Status));
        await Until(() => early.All(member => member.Watch.UserCount == early.Count));
        Note($"each has seen all of them, in documents of {early.Max(member => member.Watch.LargestDocument) >> 10} KiB");
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
        Profile.ThrowIfDead();
    }

    // The tests of the server say the same of rows and of pages; this is the disk of the whole system.
    [Fact(Explicit = true)]
    public async Task A_join_writes_as_much_into_a_session_of_1000_as_of_10()
    {
        List<double> bytes = [];
        foreach (var size in (int[])[10, 100, Most])
            bytes.Add(await BytesPerJoinAsync(size));

        Note($"bytes written to the disk by a join at 10, 100, 1000: {string.Join(", ", bytes)}");
        Assert.InRange(bytes.Max(), 1, bytes.Min() * 2);
    }

    private async Task<double> BytesPerJoinAsync(int size)
    {
        await using var crowd =
            await Crowd.Crowd.RegisterAsync($"j{size}x", size, new() { Ports = 8, Connects = _ => false });
        var late = crowd.Members.TakeLast(8).ToList();
        foreach (var member in late)
            member.Answer = 0;
        Assert.Equal(200, (await Within(crowd.Members[0].InviteAsync(
            crowd.Members.Skip(1).Select(member => member.AddressOfRecord)))).Status);
        await Until(() => crowd.Members.Except(late).All(member => member.IsIn));

        var before = await SettledAsync();
        foreach (var member in late)
        {
            member.PickUp();
            await Within(member.Joined);
        }

        var written = await SettledAsync() - before;
        Assert.Equal(200, (await Within(crowd.Members[0].LeaveAsync())).Status);
        await Until(() => crowd.Members.All(member => !member.IsIn));
        Assert.Empty(crowd.Faults);
        return written / (double)late.Count;
    }

    // What the sidecar has written once it writes no more: what is done is struck off within two seconds.
    private async Task<long> SettledAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(2.5));
        long before, now = 0;
        do
        {
            before = now;
            await tick.WaitForNextTickAsync();
            now = (await Usage.OfAsync(Profile)).Written;
        }
        while (now != before);

        return now;
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
        await UntilForgottenAsync(Soon);
        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();
        Assert.Equal(0, await ConferencesAsync());
    }

    private async Task<int> ConferencesAsync() => (await Usage.OfAsync(Profile)).Conferences;

    private void Note(string what) =>
        TestContext.Current.TestOutputHelper!.WriteLine($"{_watch.Elapsed.TotalSeconds,6:0.00} s {what}");
}
