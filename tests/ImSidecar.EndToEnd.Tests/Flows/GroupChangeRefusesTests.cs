using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Controlling:AccessWithdrawn = RefuseNewJoins: who is in stays, and does not come in again.</summary>
public class GroupChangeRefusesTests(DemoProfile profile) : GroupFlow(profile)
{
    protected override IReadOnlyList<string> Settings => ["--Controlling:AccessWithdrawn=RefuseNewJoins"];

    [Fact, Trait("Spec", "IM 7.2.2.9")]
    public async Task A_member_taken_off_the_list_stays_until_he_leaves()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);
        var call = await JoinAsync(alice);
        var leaves = await JoinAsync(bob);
        var group = Group.Of((alice, call), (bob, leaves));
        await group.ConnectedAsync();

        await Owner.PutGroupAsync(new(Skiers, AliceBobCarol[0]));
        Assert.Equal(200, await group.SayAsync(alice, "still here?"));
        Assert.Equal("still here?", (await group.HearAsync(bob)).Text);
        await Within(leaves.ByeAsync());
        var (status, _) = await RefusedAsync(bob);

        Assert.Equal(403, status);
    }
}
