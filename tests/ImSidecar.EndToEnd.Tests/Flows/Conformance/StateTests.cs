using ImSidecar.Client.Subscriptions;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Conformance;

/// <summary>IM 7.2.1.12 and 7.9.1.1.4 to 7.9.1.1.6: one subscription from its begin to its end.</summary>
public class StateTests(DemoProfile profile) : ConformanceFlow(profile)
{
    [Theory, InlineData(true), InlineData(false)]
    [Trait("Spec", "IM 7.2.1.12/5a"), Trait("Spec", "IM 7.2.1.12/6"), Trait("Spec", "IM 7.2.1.12/7")]
    [Trait("Spec", "IM 7.2.1.12/8"), Trait("Spec", "IM 7.2.1.12/9"), Trait("Spec", "IM 7.2.1.12/change")]
    [Trait("Spec", "IM 7.2.1.12/term"), Trait("Spec", "IM 7.9.1.1.4/6"), Trait("Spec", "IM 7.9.1.1.4/7")]
    [Trait("Spec", "IM 7.9.1.1.4/8"), Trait("Spec", "IM 7.9.1.1.4/9"), Trait("Spec", "IM 7.9.1.1.4/9a")]
    [Trait("Spec", "IM 7.9.1.1.4/9b"), Trait("Spec", "IM 7.9.1.1.4/10"), Trait("Spec", "IM 7.9.1.1.4/11")]
    [Trait("Spec", "IM 7.9.1.1.4/12"), Trait("Spec", "IM 7.9.1.1.4/13"), Trait("Spec", "IM 7.9.1.1.4/change")]
    [Trait("Spec", "IM 7.9.1.1.4/term"), Trait("Spec", "IM 7.9.1.1.5/gen"), Trait("Spec", "IM 7.9.1.1.5/body")]
    [Trait("Spec", "IM 7.9.1.1.5/partial"), Trait("Spec", "IM 7.9.1.1.5/1"), Trait("Spec", "IM 7.9.1.1.5/2a")]
    [Trait("Spec", "IM 7.9.1.1.5/2a-i"), Trait("Spec", "IM 7.9.1.1.5/2a-iii"), Trait("Spec", "IM 7.9.1.1.5/2b-a")]
    [Trait("Spec", "IM 7.9.1.1.5/2b-b"), Trait("Spec", "IM 7.9.1.1.5/2c"), Trait("Spec", "IM 7.9.1.1.5/2c-i")]
    [Trait("Spec", "IM 7.9.1.1.5/2c-ii-a"), Trait("Spec", "IM 7.9.1.1.5/2c-ii-b")]
    [Trait("Spec", "IM 7.9.1.1.5/2c-ii-A"), Trait("Spec", "IM 7.9.1.1.5/2c-ii-B")]
    [Trait("Spec", "IM 7.9.1.1.6/3"), Trait("Spec", "IM 7.9.1.1.6/3a"), Trait("Spec", "IM 7.9.1.1.6/3b")]
    [Trait("Spec", "IM 7.9.1.1.6/3c"), Trait("Spec", "IM 7.2.1.8/2a-vii"), Trait("Spec", "IM 7.2.1.10/4")]
    public async Task It_is_told_the_state_its_changes_and_the_end(bool isAdHoc)
    {
        var (alice, bob, carol) = await RegisterThree();
        if (!isAdHoc)
            await Owner.PutGroupAsync(GroupOfThree);
        var group = isAdHoc
            ? await Group.StartAsync(alice, [bob, carol], Offering("Ali", alice, "text/plain"))
            : Group.Of(
                (alice, await JoinAsync(alice, Offering("Ali", alice, "text/plain"))),
                (bob, await JoinAsync(bob)), (carol, await JoinAsync(carol)));
        await group.ConnectedAsync();
        var entity = isAdHoc ? group.SessionIdentity : Skiers;

        var watching = bob.Subscribe(entity);
        var answer = await Within(watching.Answered);
        var first = await Next(watching.Notifications);
        await Within(group[carol].ByeAsync());
        var left = (await ReadUntil(
            watching, told => told.StatusOf(carol.AddressOfRecord) == EndpointStatus.Disconnected))[^1];
        await Within(group[alice].ReferAsync($"<{entity};method=BYE>"));
        if (!isAdHoc)
            await Within(group[bob].ByeAsync());
        var last = await Within(watching.Terminated);

        Assert.Equal(200, answer.Status);
        Assert.Equal($"<{group.SessionIdentity}>;isfocus;+g.oma.sip-im", answer["Contact"]);
        Assert.Equal($"<{(isAdHoc ? DemoProfile.Factory : Skiers)}>", answer["P-Asserted-Identity"]);
        Assert.True(answer.Lists("Supported", "norefersub"));
        AssertNotify(first, entity, ElementState.Full);
        AssertNotify(left, entity, ElementState.Partial);
        Assert.Equal(
            [alice.AddressOfRecord, bob.AddressOfRecord, carol.AddressOfRecord],
            first.Roster.Select(user => user.Entity));
        Assert.All(first.Roster, user =>
        {
            var endpoint = Assert.Single(user.Endpoints);
            Assert.NotEmpty(endpoint.Entity);
            Assert.Equal(EndpointStatus.Connected, endpoint.Status);
        });
        Assert.Equal(
            (alice.AddressOfRecord, "Ali"), (first.Roster[0].Entity, first.Roster[0].DisplayText));
        Assert.Equal("terminated;reason=noresource", last.Request["Subscription-State"]);
        Assert.Equal(watching.CallId, last.Request.CallId);
    }

    private static void AssertNotify(Notification told, string entity, ElementState state)
    {
        Assert.Equal("conference", told.Request["Event"]);
        Assert.StartsWith("active;expires=", told.Request["Subscription-State"], StringComparison.Ordinal);
        Assert.Equal("application/conference-info+xml", told.Request["Content-Type"]);
        Assert.Equal((entity, state), (told.Document!.Entity, told.Document.State));
        Assert.Equal(state, told.Document.Users!.State);
    }
}
