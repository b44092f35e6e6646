using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.3: a pre-defined group whose members are invited when somebody calls it.</summary>
public class PreArrangedGroupTests(DemoProfile profile) : GroupFlow(profile)
{
    private GroupXml PreArranged => GroupOfThree with { InvitesMembers = true, Subject = "Where to ski" };

    [Fact, Trait("Spec", "IM 7.2.1.3/ok-1")]
    public async Task The_members_ring_and_the_first_who_accepts_answers_the_inviter()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(PreArranged);

        var starting = bob.Invite(Skiers);
        var aliceRings = await Next(alice.IncomingCalls);
        var carolRings = await Next(carol.IncomingCalls);
        Assert.False(starting.Final.IsCompleted);
        var aliceCall = (await Within(aliceRings.AcceptAsync()))!;
        var bobCall = await Within(starting.Answered);
        var carolCall = (await Within(carolRings.AcceptAsync()))!;
        var group = Group.Of((bob, bobCall), (alice, aliceCall), (carol, carolCall));
        await group.ConnectedAsync();
        Assert.Equal(200, await group.SayAsync(bob, "hello"));

        Assert.Equal("hello", (await group.HearAsync(carol)).Text);
        Assert.Contains(Skiers, aliceCall.Invite["From"], StringComparison.Ordinal);
        Assert.Contains("The skiers", aliceCall.Invite["From"], StringComparison.Ordinal);
        Assert.Equal("<sip:bob@example.com>", aliceCall.Invite["Referred-By"]);
        Assert.Contains($"<{Skiers}>", bobCall.Answer["P-Asserted-Identity"], StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/fail-1")]
    public async Task When_every_member_refuses_so_does_the_group()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(PreArranged);

        var starting = bob.Invite(Skiers);
        await (await Next(alice.IncomingCalls)).RejectAsync(486);
        await (await Next(carol.IncomingCalls)).RejectAsync(603);
        var answer = await Within(starting.Final);

        Assert.Equal(486, answer.Status);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/3-a")]
    public async Task Who_may_not_start_the_session_is_told_why_and_nobody_rings()
    {
        var (alice, _, _) = await RegisterThree();
        var erin = await Register("erin");
        await Owner.PutGroupAsync(PreArranged);

        var (status, warning) = await RefusedAsync(erin);

        Assert.Equal(403, status);
        Assert.Contains("allow-initiate-conference", warning, StringComparison.Ordinal);
        Assert.False(alice.IncomingCalls.TryPeek(out _));
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/9c")]
    public async Task Two_who_call_at_once_meet_in_one_session()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(PreArranged);

        var first = alice.Invite(Skiers);
        var second = bob.Invite(Skiers);
        var one = await Within(first.Answered);
        var other = await Within(second.Answered);
        var third = await Group.AcceptAsync(carol);
        await Within(third.Acknowledged);

        Assert.Equal(one.SessionIdentity, other.SessionIdentity);
        Assert.Equal(one.SessionIdentity, third.SessionIdentity);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/8a")]
    public async Task As_many_are_invited_as_there_are_places()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(PreArranged with { MaxParticipants = 2 });

        var starting = alice.Invite(Skiers);
        var call = await Group.AcceptAsync(bob);
        await Within(starting.Answered);
        await Within(call.Acknowledged);

        Assert.False(carol.IncomingCalls.TryPeek(out _));
    }

    [Fact]
    public async Task The_crash_of_the_sidecar_leaves_the_session_and_its_group()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(PreArranged);
        var starting = alice.Invite(Skiers);
        var bobCall = await Group.AcceptAsync(bob);
        var aliceCall = await Within(starting.Answered);
        await (await Next(carol.IncomingCalls)).RejectAsync(486);
        await Within(bobCall.Acknowledged);

        await Profile.KillSidecarAsync();
        await Profile.StartSidecarAsync();
        var joined = await JoinAsync(carol);

        Assert.Equal(aliceCall.SessionIdentity, joined.SessionIdentity);
        Assert.False(bobCall.Ended.IsCompleted);
    }
}
