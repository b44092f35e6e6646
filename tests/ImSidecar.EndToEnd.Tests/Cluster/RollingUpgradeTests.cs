using System.Text;
using ImSidecar.Client;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>
/// From the release before this one, as it was built, to this one: nodes and Kamailios of both at the same time, on tables
/// that the old one made.
/// </summary>
[Collection(UpgradeTests.Name)]
public sealed class RollingUpgradeTests() : ClusterFlow(new())
{
    private const string Skip = "the commit of the release before this one is not in this clone";

    private int _meetings;

    public static bool HasPrevious => Release.Previous is not null;

    public override async ValueTask InitializeAsync() =>
        await Profile.StartAsync(Release.Previous!, "--Participating:Domains:0=example.com");

    public override async ValueTask DisposeAsync()
    {
        await using (Profile)
            await base.DisposeAsync();
    }

    [Fact(Skip = Skip, SkipUnless = nameof(HasPrevious))]
    public async Task One_sidecar_and_one_Kamailio_after_the_other_and_everything_goes_on()
    {
        var (bob, erin) = (await PresentAsync("bob"), At(Profile.Kamailios[1], "erin"));
        var (dora, emil) = (await PresentAsync("dora"), await PresentAsync("emil"));
        var ongoing = await BeginAsync(dora, emil);
        await LeaveAsync(bob, erin, "by the old one");

        await UpgradeAsync(Profile.East);
        AssertRuns([Profile.West.Id, Profile.Kamailios[0].Id, Profile.Kamailios[1].Id], old: true);
        await ongoing.GoesOnAsync();

        await UpgradeAsync(Profile.Kamailios[0]);
        await ongoing.GoesOnAsync();
        await LeaveAsync(bob, erin, "by both");

        // What the new one has begun and saved goes on at the old one.
        ongoing.Add(await MeetAtAsync("east"));
        await Profile.East.KillAsync();
        await ongoing.GoesOnAsync();
        await Profile.SettledAsync();
        await ongoing.GoesOnAsync();

        await UpgradeAsync(Profile.West);
        await UpgradeAsync(Profile.Kamailios[1]);
        AssertRuns([.. Profile.Nodes.Select(node => node.Id), .. Profile.Kamailios.Select(kamailio => kamailio.Id)], old: false);
        await ongoing.GoesOnAsync();

        var phone = new AwayPhone(erin);
        await phone.RegisterAsync();
        await phone.HasAsync(2);
        Assert.Equal(["by the old one", "by both"], phone.Texts);
        await ongoing.RefusesAsync(bob);
        await ongoing.EndAsync();
    }

    [Fact(Skip = Skip, SkipUnless = nameof(HasPrevious))]
    public async Task What_all_of_the_old_ones_left_behind_goes_on_when_new_ones_start()
    {
        var (bob, erin) = (await PresentAsync("bob"), At(Profile.Kamailios[1], "erin"));
        var (dora, emil) = (await PresentAsync("dora"), await PresentAsync("emil"));
        var ongoing = await BeginAsync(dora, emil);
        await LeaveAsync(bob, erin, "by the old one");

        await Task.WhenAll(Profile.Nodes.Select(node => node.StopAsync()));
        foreach (var node in Profile.Nodes)
            node.Release = Release.This;
        await Profile.SettledAsync();

        await ongoing.GoesOnAsync();
        var phone = new AwayPhone(erin);
        await phone.RegisterAsync();
        await phone.HasAsync(1);
        await ongoing.EndAsync();
    }

    private static void AssertRuns(IEnumerable<int> processes, bool old) => Assert.All(
        processes,
        id => Assert.Equal(old, File.ReadAllText($"/proc/{id}/cmdline").Contains(Built.Previous, StringComparison.Ordinal)));

    /// <summary>Registered, and the sidecars know: who is called by another Kamailio before that is away.</summary>
    private async Task<Handset> PresentAsync(string user)
    {
        var handset = await RegisterAsync(user);
        using var limit = new CancellationTokenSource(Soon);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await Profile.IsKnownAsync(handset.AddressOfRecord))
            await tick.WaitForNextTickAsync(limit.Token);
        return handset;
    }

    private async Task<Ongoing> BeginAsync(params Handset[] members)
    {
        var ongoing = new Ongoing(Profile);
        ongoing.Add(await MeetAtAsync("east"));
        ongoing.Add(await MeetAtAsync("west"));
        await ongoing.MeetInGroupAsync(members);
        return ongoing;
    }

    private async Task UpgradeAsync(ClusterNode node)
    {
        Assert.Equal(0, await node.StopAsync());
        node.Release = Release.This;
        await Profile.SettledAsync();
    }

    private async Task UpgradeAsync(ClusterKamailio kamailio)
    {
        await kamailio.StopAsync();
        kamailio.Release = Release.This;
        kamailio.Launch();
        await Profile.SettledAsync();
    }

    private async Task<Meeting> MeetAtAsync(string node)
    {
        while (true)
        {
            var number = ++_meetings;
            var meeting = await Meeting.StartAsync(
                Profile, await PresentAsync($"alice{number}"), await PresentAsync($"ben{number}"),
                await PresentAsync($"carol{number}"), returns: true);
            if (meeting.OwnerName == node)
                return meeting;

            await meeting.EndAsync();
        }
    }

    private static async Task LeaveAsync(Handset from, Handset to, string text)
    {
        var message = from.CreateRequest("MESSAGE", to.AddressOfRecord)
            .Add("Accept-Contact", "*;+g.oma.sip-im")
            .WithBody("text/plain", Encoding.UTF8.GetBytes(text));
        Assert.Equal(202, (await Within(from.SendAsync(message))).Status);
    }
}

/// <summary>Each test has a cluster of its own, and the machine alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class UpgradeTests
{
    public const string Name = "rolling upgrade";
}
