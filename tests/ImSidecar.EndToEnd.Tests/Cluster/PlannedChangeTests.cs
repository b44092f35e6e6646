using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>Nodes are taken out of service, come back and are added while sessions go on.</summary>
public class PlannedChangeTests(ClusterProfile profile) : ClusterFlow(profile)
{
    [Fact]
    public async Task A_drained_node_has_nothing_left_and_gets_its_share_back_when_it_is_wanted()
    {
        var (east, west) = await MeetAtBothAsync();
        var ongoing = new Ongoing(Profile);
        ongoing.Add(east);
        ongoing.Add(west);

        await Profile.East.ControlAsync("drain");
        await UntilAsync(async () => (await Profile.SlotsAsync())["east"] == 0);
        Assert.True(Profile.East.IsRunning);
        await ongoing.GoesOnAsync();
        Assert.Equal("west", await Profile.OwnerOfAsync(east.Group.SessionIdentity));
        var meanwhile = await MeetAsync();
        Assert.Equal("west", meanwhile.OwnerName);
        ongoing.Add(meanwhile);

        await Profile.East.ControlAsync("drain", "--off");
        await Profile.SettledAsync();
        await ongoing.GoesOnAsync();
        Assert.Equal("east", await Profile.OwnerOfAsync(east.Group.SessionIdentity));

        await ongoing.EndAsync();
    }

    [Fact]
    public async Task A_node_that_is_added_gets_its_share_and_leaves_it_to_the_others_when_it_goes()
    {
        var ongoing = new Ongoing(Profile);
        for (var i = 0; i < 4; i++)
            ongoing.Add(await MeetAsync());

        var north = await Profile.AddAsync("north");
        try
        {
            await ongoing.GoesOnAsync();
            ongoing.Add(await MeetAtAsync(north));
        }
        finally
        {
            await Profile.RemoveAsync(north);
        }

        await ongoing.GoesOnAsync();
        await ongoing.EndAsync();
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(Soon);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await isSo())
            await tick.WaitForNextTickAsync(limit.Token);
    }
}
