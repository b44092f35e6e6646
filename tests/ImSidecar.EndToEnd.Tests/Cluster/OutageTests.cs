using ImSidecar.Client;
using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>What all nodes share goes away: a Kamailio, or the database.</summary>
public class OutageTests(ClusterProfile profile) : ClusterFlow(profile)
{
    [Fact]
    public async Task The_dialogs_of_a_Kamailio_that_dies_go_on_through_the_one_that_takes_its_address()
    {
        var meeting = await MeetAsync("k");
        var kamailio = Profile.Kamailios[0];

        await kamailio.KillAsync();
        kamailio.Launch("k1-standby");
        await Profile.SettledAsync();

        await meeting.TalkAsync("messages need no Kamailio");
        await RefreshedAsync(meeting.Watching);
        await meeting.EndAsync();
        await kamailio.KillAsync();
        kamailio.Launch();
    }

    [Fact]
    public async Task While_PostgreSQL_is_away_requests_get_503_and_when_it_is_back_sessions_go_on()
    {
        var meeting = await MeetAsync("p");

        await Profile.Database.StopAsync();
        int status;
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        do
        {
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            status = (await Within(meeting.Watching.RefreshAsync())).Status;
        }
        while (status == 200);
        await Profile.Database.StartAsync();
        await Profile.SettledAsync();

        Assert.Equal(503, status);
        await RefreshedAsync(meeting.Watching);
        Assert.Equal(200, (await Within(meeting.Group[meeting.Carol].ByeAsync())).Status);
        await Flow.ReadUntil(
            meeting.Watching, told => told.StatusOf(meeting.Carol.AddressOfRecord) == EndpointStatus.Disconnected);
    }

    private static async Task RefreshedAsync(Subscription watching)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while ((await Within(watching.RefreshAsync())).Status != 200)
            await tick.WaitForNextTickAsync(limit.Token);
        await Flow.ReadUntil(watching, told => told.Document!.State == ElementState.Full);
    }

    private async Task<Meeting> MeetAsync(string suffix) => await Meeting.StartAsync(
        Profile, await RegisterAsync("alice" + suffix), await RegisterAsync("bob" + suffix),
        await RegisterAsync("carol" + suffix));
}
