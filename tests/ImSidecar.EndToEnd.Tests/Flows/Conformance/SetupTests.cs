using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Conformance;

/// <summary>IM 7.2.1.2 and 7.2.1.3: the session begins.</summary>
public class SetupTests(DemoProfile profile) : ConformanceFlow(profile)
{
    [Fact]
    [Trait("Spec", "IM 7.2.1.1/1"), Trait("Spec", "IM 7.2.1.1/2"), Trait("Spec", "IM 7.2.1.1/3")]
    [Trait("Spec", "IM 7.2.1.1/4"), Trait("Spec", "IM 7.2.1.1/4a"), Trait("Spec", "IM 7.2.1.2/3")]
    [Trait("Spec", "IM 7.2.1.2/4"), Trait("Spec", "IM 7.2.1.2/5"), Trait("Spec", "IM 7.2.1.2/ok-2")]
    [Trait("Spec", "IM 7.2.1.2/ok-2a"), Trait("Spec", "IM 7.2.1.2/ok-2b"), Trait("Spec", "IM 7.2.1.2/ok-3")]
    [Trait("Spec", "IM 7.2.1.2/ok-4")]
    public async Task An_ad_hoc_group()
    {
        var (alice, bob, carol) = await RegisterThree();

        var starting = alice.StartGroup(
            DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord],
            Offering("Ali", alice, "text/plain", "text/html", "image/png"));
        var bobCall = await Group.AcceptAsync(
            bob, new() { Msrp = new() { AcceptWrappedTypes = ["text/plain", "image/png"] } });
        var aliceCall = await Within(starting.Answered);
        var carolCall = await Group.AcceptAsync(carol);
        var group = Group.Of((alice, aliceCall), (bob, bobCall), (carol, carolCall));
        await group.ConnectedAsync();

        AssertAnswer(aliceCall, DemoProfile.Factory);
        AssertDescribes(aliceCall, "text/plain", "image/png");
        var told = await Next(bob.Subscribe(group.SessionIdentity).Notifications);
        Assert.Equal("Ali", told.Roster.Single(user => user.Entity == alice.AddressOfRecord).DisplayText);
        await AssertHearsAsync(group, alice, carol);
        await AssertAllowIsKeptAsync(aliceCall);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/intro")]
    public async Task A_session_of_two_is_a_list_of_one()
    {
        var (alice, bob, _) = await RegisterThree();

        var group = await Group.StartAsync(alice, [bob]);

        AssertAnswer(group[alice], DemoProfile.Factory);
        await AssertHearsAsync(group, alice, bob);
    }

    [Fact]
    [Trait("Spec", "IM 7.2.1.1/4b"), Trait("Spec", "IM 7.2.1.3/4"), Trait("Spec", "IM 7.2.1.3/5")]
    [Trait("Spec", "IM 7.2.1.3/8"), Trait("Spec", "IM 7.2.1.3/8b"), Trait("Spec", "IM 7.2.1.3/ok-2")]
    [Trait("Spec", "IM 7.2.1.3/ok-2a"), Trait("Spec", "IM 7.2.1.3/ok-3"), Trait("Spec", "IM 7.2.1.3/ok-4")]
    public async Task A_pre_arranged_group()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree with { InvitesMembers = true });

        var starting = alice.Invite(Skiers, Offering("Ali", alice, "text/plain", "text/html", "image/png"));
        var bobCall = await Group.AcceptAsync(
            bob, new() { Msrp = new() { AcceptWrappedTypes = ["text/plain", "image/png"] } });
        var aliceCall = await Within(starting.Answered);
        var carolCall = await Group.AcceptAsync(carol);
        var group = Group.Of((alice, aliceCall), (bob, bobCall), (carol, carolCall));
        await group.ConnectedAsync();

        AssertAnswer(aliceCall, Skiers);
        AssertDescribes(aliceCall, "text/plain", "image/png");
        Assert.NotEqual(Skiers, aliceCall.SessionIdentity);
        var told = await Next(bob.Subscribe(Skiers).Notifications);
        Assert.Equal("Ali", told.Roster.Single(user => user.Entity == alice.AddressOfRecord).DisplayText);
        await AssertHearsAsync(group, alice, carol);
        await AssertAllowIsKeptAsync(aliceCall);
    }

    [Fact]
    [Trait("Spec", "IM 7.2.1.1/7"), Trait("Spec", "IM 7.2.1.3/9"), Trait("Spec", "IM 7.2.1.3/9a")]
    [Trait("Spec", "IM 7.2.1.3/9b"), Trait("Spec", "IM 7.2.1.3/9b-i"), Trait("Spec", "IM 7.2.1.3/9d")]
    [Trait("Spec", "IM 7.2.1.3/9e")]
    public async Task A_pre_arranged_group_that_meets_already()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree with { InvitesMembers = true });
        var starting = alice.Invite(Skiers);
        var bobCall = await Group.AcceptAsync(bob);
        var aliceCall = await Within(starting.Answered);
        await (await Next(carol.IncomingCalls)).RejectAsync(486);
        var watching = bob.Subscribe(Skiers);
        await Next(watching.Notifications);

        var carolCall = await JoinAsync(carol, Offering("Caro", carol, "text/plain", "text/html"));
        var group = Group.Of((alice, aliceCall), (bob, bobCall), (carol, carolCall));
        await group.ConnectedAsync();

        AssertAnswer(carolCall, Skiers);
        AssertDescribes(carolCall, "text/plain", "text/html");
        Assert.Equal(aliceCall.SessionIdentity, carolCall.SessionIdentity);
        await ReadUntil(watching, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Connected);
        await AssertHearsAsync(group, carol, bob);
    }
}
