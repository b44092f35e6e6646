using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.ConferenceInfo;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Conformance;

/// <summary>IM 7.2.1.4 and 7.2.1.5: into a session that there is, by the name of the group and by its own.</summary>
public class JoinTests(DemoProfile profile) : ConformanceFlow(profile)
{
    [Fact]
    [Trait("Spec", "IM 7.2.1.4/3"), Trait("Spec", "IM 7.2.1.4/4"), Trait("Spec", "IM 7.2.1.4/5")]
    [Trait("Spec", "IM 7.2.1.4/8a"), Trait("Spec", "IM 7.2.1.4/8b"), Trait("Spec", "IM 7.2.1.4/9")]
    [Trait("Spec", "IM 7.2.1.4/9a"), Trait("Spec", "IM 7.2.1.4/9b"), Trait("Spec", "IM 7.2.1.4/10")]
    [Trait("Spec", "IM 7.2.1.4/11"), Trait("Spec", "IM 7.2.1.4/12")]
    public async Task A_chat_group()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree with { MaxParticipants = 2 });

        var aliceCall = await JoinAsync(alice);
        var watching = alice.Subscribe(Skiers);
        await Next(watching.Notifications);
        var bobCall = await JoinAsync(bob, Offering("Bobby", bob, "text/plain", "text/html"));
        var group = Group.Of((alice, aliceCall), (bob, bobCall));
        await group.ConnectedAsync();

        AssertAnswer(aliceCall, Skiers);
        AssertAnswer(bobCall, Skiers);
        AssertDescribes(bobCall, "text/plain", "text/html");
        var told = await ReadUntil(watching, told => told.StatusOf(bob.AddressOfRecord) == EndpointStatus.Connected);
        Assert.Equal("Bobby", told[^1].Roster.Single(user => user.Entity == bob.AddressOfRecord).DisplayText);
        Assert.False(carol.IncomingCalls.TryPeek(out _));
        Assert.Equal((486, "Too many participants"), await RefusedAsync(carol));
        await AssertHearsAsync(group, bob, alice);
        await AssertAllowIsKeptAsync(bobCall);
    }

    [Theory, InlineData(true), InlineData(false)]
    [Trait("Spec", "IM 7.2.1.5/4"), Trait("Spec", "IM 7.2.1.5/5"), Trait("Spec", "IM 7.2.1.5/8")]
    [Trait("Spec", "IM 7.2.1.5/9"), Trait("Spec", "IM 7.2.1.5/9a"), Trait("Spec", "IM 7.2.1.5/10")]
    [Trait("Spec", "IM 7.2.1.5/11"), Trait("Spec", "IM 7.2.1.5/12"), Trait("Spec", "IM 7.2.1.5/13")]
    public async Task A_session_one_has_left(bool isAdHoc)
    {
        var (alice, bob, carol) = await RegisterThree();
        if (!isAdHoc)
            await Owner.PutGroupAsync(GroupOfThree);
        var group = isAdHoc
            ? await Group.StartAsync(alice, [bob, carol])
            : Group.Of(
                (alice, await JoinAsync(alice)), (bob, await JoinAsync(bob)), (carol, await JoinAsync(carol)));
        await group.ConnectedAsync();
        var watching = alice.Subscribe(group.SessionIdentity);
        await Within(group[bob].ByeAsync());
        await ReadUntil(watching, told => told.Roster.Count == 2);

        var again = await Within(
            bob.Invite(group.SessionIdentity, Offering("Bobby", bob, "text/plain", "text/html")).Answered);
        var anew = Group.Of((alice, group[alice]), (bob, again), (carol, group[carol]));
        await anew.ConnectedAsync();

        AssertAnswer(again, isAdHoc ? DemoProfile.Factory : Skiers);
        AssertDescribes(again, "text/plain", "text/html");
        Assert.Equal(group.SessionIdentity, again.SessionIdentity);
        var told = await ReadUntil(watching, told => told.StatusOf(bob.AddressOfRecord) == EndpointStatus.Connected);
        Assert.Equal("Bobby", told[^1].Roster.Single(user => user.Entity == bob.AddressOfRecord).DisplayText);
        await AssertHearsAsync(anew, bob, carol);
        await AssertAllowIsKeptAsync(again);
    }
}
