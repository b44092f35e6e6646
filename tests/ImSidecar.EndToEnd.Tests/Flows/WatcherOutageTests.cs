using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Flows.Crash;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Who watches while somebody dies gets afterwards what he missed, once, in the same dialog.</summary>
public class WatcherOutageTests(DemoProfile profile) : CrashFlow(profile)
{
    [Fact, Trait("Spec", "IM 7.9.1.1.5/partial")]
    public async Task A_change_that_was_saved_when_the_sidecar_was_killed_is_told_once()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Profile.DieAtSaveAsync(0);
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = alice.Subscribe(group.SessionIdentity);
        await Next(watching.Notifications);
        await Until(() => watching.Dialog is not null);

        await Profile.DieAtSaveAsync(1);
        var leaving = group[carol].ByeAsync();
        await DiedAsync();
        if ((await Within(leaving)).Status == 503)
            Assert.Contains((await Within(group[carol].SendAsync("BYE"))).Status, (int[])[200, 481]);

        // Only what was not told would be told by the next change.
        var told = await ReadUntil(
            watching, each => each.StatusOf(carol.AddressOfRecord) == EndpointStatus.Disconnected);
        var tag = told[^1].Request["SIP-ETag"];
        Assert.Equal(204, (await Within(watching.RefreshAsync(headers: ("Suppress-If-Match", tag)))).Status);
        await CrashAsync();
        Assert.Equal(204, (await Within(watching.RefreshAsync(headers: ("Suppress-If-Match", tag)))).Status);
        Assert.False(watching.Notifications.TryPeek(out _));
        Assert.Equal(ViewOutcome.Applied, told[^1].Outcome);
        Assert.Equal([alice.AddressOfRecord, bob.AddressOfRecord], told[^1].Roster.Select(user => user.Entity));
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/partial")]
    public async Task What_changes_while_Kamailio_is_away_is_told_once_it_is_back()
    {
        var (alice, bob, carol) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob, carol]);
        var watching = alice.Subscribe(group.SessionIdentity);
        var first = await Next(watching.Notifications);
        await Until(() => watching.Dialog is not null);

        await Profile.KillKamailioAsync();
        Assert.Equal(200, await Within(group[bob].Msrp!.NicknameAsync("Snowcat")));
        Assert.Equal(200, await Within(group[carol].Msrp!.NicknameAsync("Yeti")));
        await Profile.StartKamailioAsync();

        var told = await ReadUntil(watching, each => NameOf(each, carol.AddressOfRecord) == "Yeti");
        Assert.Equal("Snowcat", NameOf(told[^1], bob.AddressOfRecord));
        Assert.All(told, each => Assert.Equal(ViewOutcome.Applied, each.Outcome));
        Assert.True(told[0].Document!.Version > first.Document!.Version);
        var tag = told[^1].Request["SIP-ETag"];
        Assert.Equal(204, (await Within(watching.RefreshAsync(headers: ("Suppress-If-Match", tag)))).Status);
        Assert.False(watching.Notifications.TryPeek(out _));
    }

    private static string? NameOf(Notification told, string user) =>
        told.Roster.Single(each => each.Entity == user).DisplayText;
}
