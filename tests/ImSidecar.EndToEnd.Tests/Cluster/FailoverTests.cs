using System.Diagnostics;
using ImSidecar.Client;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.Client.Subscriptions;
using ImSidecar.Core.Conferences;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>A sidecar of two goes away, in whichever way: its sessions go on at the other one.</summary>
public class FailoverTests(ClusterProfile profile) : ClusterFlow(profile)
{
    // What the issue of several machines promises, and what a loaded machine may add to that.
    private static readonly TimeSpan _takenOver = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Both_nodes_have_sessions_and_each_is_found_through_both_Kamailios()
    {
        var meetings = new List<Meeting>();
        while (meetings.Select(meeting => meeting.OwnerName).Distinct().Count() < 2)
            meetings.Add(await MeetAsync());

        foreach (var meeting in meetings)
        {
            await meeting.TalkAsync("hello");
            // Not registered there, and no dialog: by the session identity alone.
            var there = At(Profile.Kamailios[1], "stranger");
            var answer = await Within(there.OptionsAsync(meeting.Group.SessionIdentity));
            Assert.Equal(200, answer.Status);
            await meeting.EndAsync();
        }
    }

    [Fact]
    public async Task After_kill_9_of_its_node_a_session_goes_on_at_the_other_one()
    {
        var (east, west) = await MeetAtBothAsync();

        await Profile.East.KillAsync();
        await GoesOnAsync(east);
        await west.TalkAsync("nothing happened here");

        await east.EndAsync();
        await west.EndAsync();
    }

    [Fact]
    public async Task Of_a_frozen_node_too_and_when_it_thaws_it_does_nothing_more_to_them()
    {
        var (east, west) = await MeetAtBothAsync();

        using (Profile.East.Freeze())
            await GoesOnAsync(east);

        // Whatever it was about to do for them is void; what falls to it comes back, and to its address.
        await Profile.SettledAsync();
        Assert.Equal("east", await Profile.OwnerOfAsync(east.Group.SessionIdentity));
        await east.TalkAgainAsync();
        await west.TalkAsync("here too");
        await east.EndAsync();
        await west.EndAsync();
    }

    [Fact]
    public async Task A_node_that_stops_in_order_drops_no_session()
    {
        var (east, west) = await MeetAtBothAsync();

        var stopping = Profile.East.StopAsync();
        await GoesOnAsync(east);
        Assert.Equal(0, await stopping);
        await west.TalkAsync("nothing happened here");

        await east.EndAsync();
        await west.EndAsync();
    }

    [Fact]
    public async Task New_sessions_begin_at_the_node_that_is_left_and_are_shared_out_again_later()
    {
        await Profile.East.KillAsync();
        var alone = await MeetWhenTakenOverAsync();
        Assert.Equal("west", alone.OwnerName);

        await Profile.SettledAsync();
        var (east, west) = await MeetAtBothAsync();

        if (await Profile.OwnerOfAsync(alone.Group.SessionIdentity) == alone.OwnerName)
            await alone.TalkAsync("still here");
        else
            await alone.TalkAgainAsync();
        foreach (var meeting in (Meeting[])[alone, east, west])
            await meeting.EndAsync();
    }

    // BYE, SUBSCRIBE, NOTIFY, re-INVITE and messages of dialogs that stood before.
    private static async Task GoesOnAsync(Meeting meeting)
    {
        var since = Stopwatch.GetTimestamp();
        int status;
        do
        {
            status = (await Within(meeting.Watching.RefreshAsync())).Status;
            Assert.True(Stopwatch.GetElapsedTime(since) < _takenOver * 3, $"a refresh is answered {status} for too long");
        }
        while (status != 200);
        TestContext.Current.TestOutputHelper?.WriteLine($"taken over after {Stopwatch.GetElapsedTime(since)}");

        await Flow.ReadUntil(meeting.Watching, told => told.Document!.State == ElementState.Full);
        await meeting.TalkAgainAsync();
    }

    private async Task<Meeting> MeetWhenTakenOverAsync()
    {
        var since = Stopwatch.GetTimestamp();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await Profile.SlotsAsync())["west"] < Slot.Count)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < _takenOver * 3);
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        return await MeetAsync();
    }
}
