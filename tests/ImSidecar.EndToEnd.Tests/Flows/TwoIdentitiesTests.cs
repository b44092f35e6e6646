using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 5.1: the core asserts an address and a number, and both are one user.</summary>
public class TwoIdentitiesTests(DemoProfile profile) : GroupFlow(profile)
{
    private const string Dave = "<sip:dave@example.com>";
    private const string Number = "<tel:+15550100>";

    [Theory, Trait("Spec", "IM 5.1")]
    [InlineData("tel:+15550100"), InlineData("tel:+1-555-0100"), InlineData("sip:+15550100@example.com;user=phone")]
    public async Task Who_is_a_member_by_his_number_comes_in_and_is_one_by_either(string member)
    {
        var bob = await Register("bob");
        var core = Stranger("somebody");
        await Owner.PutGroupAsync(new(Skiers, bob.AddressOfRecord, member));
        await JoinAsync(bob);

        var byAddress = await Within(core.Invite(Skiers, Asserting(Dave), Core).Final);
        var byBoth = await Within(core.Invite(Skiers, Asserting($"{Dave}, {Number}"), Core).Answered);
        var byNumber = await Within(core.Invite(Skiers, Asserting(Number), Core).Answered);
        var left = await Within(byBoth.Ended);
        var watching = bob.Subscribe(Skiers);

        Assert.Equal(403, byAddress.Status);
        Assert.Equal(CallEndedBy.Peer, left.By);
        Assert.Equal(byBoth.SessionIdentity, byNumber.SessionIdentity);
        await ReadUntil(watching, told => told.Roster.Count == 2);
    }

    private static InviteOptions Asserting(string identities) =>
        new() { Headers = [("P-Asserted-Identity", identities)] };
}
