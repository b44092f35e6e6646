using System.Diagnostics;
using System.Globalization;
using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>
/// `make failover`: sessions stand at both nodes, one of which is killed, over and over. How long until others have its
/// slots, until a watcher of its session is answered, until its legs are asked to move. Nothing of it is asserted but
/// that all of them come back.
/// </summary>
public sealed class FailoverRun(ClusterProfile profile) : ClusterFlow(profile)
{
    private static readonly TimeSpan _moved = TimeSpan.FromSeconds(30);

    private readonly Spread _taken = new("all slots have an owner again");
    private readonly Spread _answered = new("200 to a refresh of a watcher");
    private readonly Spread _first = new("re-INVITE of the first of three");
    private readonly Spread _last = new("re-INVITE of the last of three");
    private readonly Dictionary<int, int> _refusals = [];

    [Fact(Explicit = true)]
    public async Task As_often_as_asked()
    {
        var kills = int.TryParse(
            Environment.GetEnvironmentVariable("IMSIDECAR_KILLS"), CultureInfo.InvariantCulture, out var asked) ? asked : 50;
        var shares = await Profile.SlotsAsync();
        var (east, west) = await MeetAtBothAsync();
        var meetings = new Dictionary<string, Meeting> { ["east"] = east, ["west"] = west };

        for (var i = 0; i < kills; i++)
        {
            var (victim, survivor) = i % 2 == 0 ? (Profile.East, Profile.West) : (Profile.West, Profile.East);
            await KillAsync(victim, survivor, meetings[victim.Name]);
            await meetings[survivor.Name].TalkAsync($"nothing happened here, {i}");
            await ComeBackAsync(victim, meetings[victim.Name], shares);
        }

        foreach (var meeting in meetings.Values)
            await meeting.EndAsync();
        foreach (var spread in (Spread[])[_taken, _answered, _first, _last])
            Say(spread.ToString());
        Say("refreshes answered otherwise meanwhile: "
            + string.Join(", ", _refusals.Select(each => $"{each.Value} with {each.Key}").DefaultIfEmpty("none")));
    }

    private async Task KillAsync(ClusterNode victim, ClusterNode survivor, Meeting meeting)
    {
        var since = Stopwatch.GetTimestamp();
        var killed = victim.KillAsync();
        var taken = TakenAsync(survivor, since);
        var answered = AnsweredAsync(meeting, since);
        var asked = await Task.WhenAll(Legs(meeting).Select(leg => AskedAsync(meeting, leg, survivor, since)));

        await killed;
        _taken.Add(await taken);
        _answered.Add(await answered);
        _first.Add(asked.Min());
        _last.Add(asked.Max());
        await meeting.TalkWhereverAsync();
        await AllAreInAsync(meeting);
        Say($"{victim.Name}: {string.Join("  ", new[] { _taken, _answered, _first, _last }.Select(each => each.Newest))}");
    }

    // What fell to the survivor comes back, and nobody misses it.
    private async Task ComeBackAsync(ClusterNode node, Meeting meeting, Dictionary<string, long> shares)
    {
        node.Launch();
        foreach (var leg in Legs(meeting))
            Assert.Equal("INVITE", (await NextRequestAsync(meeting, leg)).Method);
        await meeting.TalkWhereverAsync();
        await Profile.SettledAsync();
        var since = Stopwatch.GetTimestamp();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!shares.SequenceEqual(await Profile.SlotsAsync()))
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < _moved, "the slots are not as they were");
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private async Task<TimeSpan> TakenAsync(ClusterNode survivor, long since)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var count = $"SELECT count(*) FROM imsidecar.slot WHERE owner = '{survivor.Name}'";
        while ((long)(await Profile.Database.RunAsync(count))! < Slot.Count)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < _moved, "slots stay without an owner");
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        return Stopwatch.GetElapsedTime(since);
    }

    // As a phone does that asks once more when it is refused.
    private async Task<TimeSpan> AnsweredAsync(Meeting meeting, long since)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (true)
        {
            var status = (await Within(meeting.Watching.RefreshAsync())).Status;
            if (status == 200)
                return Stopwatch.GetElapsedTime(since);

            _refusals[status] = _refusals.GetValueOrDefault(status) + 1;
            Assert.True(Stopwatch.GetElapsedTime(since) < _moved, $"a refresh is answered {status} for too long");
            await pause.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<TimeSpan> AskedAsync(Meeting meeting, Handset leg, ClusterNode survivor, long since)
    {
        var request = await NextRequestAsync(meeting, leg);
        var took = Stopwatch.GetElapsedTime(since);
        Assert.Equal("INVITE", request.Method);
        Assert.Contains($"msrp://{survivor.Address}:", request.Text, StringComparison.Ordinal);
        return took;
    }

    private static async Task AllAreInAsync(Meeting meeting)
    {
        Assert.Equal(200, (await Within(meeting.Watching.RefreshAsync())).Status);
        while (true)
        {
            var told = await Next(meeting.Watching.Notifications);
            if (told.Document!.State == ElementState.Full
                && Legs(meeting).All(leg => told.StatusOf(leg.AddressOfRecord) == EndpointStatus.Connected))
                return;
        }
    }

    private static async Task<SipMessage> NextRequestAsync(Meeting meeting, Handset leg) =>
        await meeting.Group[leg].Requests.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(_moved);

    private static Handset[] Legs(Meeting meeting) => [meeting.Alice, meeting.Bob, meeting.Carol];

    private static void Say(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
