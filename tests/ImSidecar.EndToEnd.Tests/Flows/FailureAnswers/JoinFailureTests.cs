using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.FailureAnswers;

/// <summary>IM 7.2.1.4 and 7.2.1.5: who does not come into a session that runs. Who is in it sees nothing.</summary>
public class JoinFailureTests(DemoProfile profile) : FailureFlow(profile)
{
    [Theory, Trait("Spec", "IM 7.2.1.4/1"), InlineData(false), InlineData(true)]
    public async Task A_focus_does_not_join(bool bySession)
    {
        var (group, alice, bob) = await TalkAsync();
        var carol = await Register("carol");

        var answer = await AnswerTo(carol, bySession ? group.SessionIdentity : Skiers, new()
        {
            Headers = [("Contact", $"<{carol.ContactUri}>;isfocus;+g.oma.sip-im")],
        });

        AssertRefused(answer, 403, "isfocus already assigned");
        await AssertGoesOnAsync(group, alice, bob);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/2-a"), Trait("Spec", "IM 7.2.1.4/2-b")]
    [Trait("Spec", "IM 7.2.1.5/2-a"), Trait("Spec", "IM 7.2.1.5/2-b")]
    public async Task Whom_no_rule_lets_does_not_join()
    {
        var (group, alice, bob) = await TalkAsync();
        var erin = await Register("erin");

        AssertRefused(await AnswerTo(erin, Skiers), 403, "join-handling is false by default");
        AssertRefused(await AnswerTo(erin, group.SessionIdentity), 403, "join-handling is false by default");
        await AssertGoesOnAsync(group, alice, bob);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/2-a"), Trait("Spec", "IM 7.2.1.4/2-b")]
    public async Task Whom_a_rule_rejects_is_told_which_one()
    {
        var (group, alice, bob) = await TalkAsync(GroupOfThree with
        {
            Rules = GroupXml.OfMembers
                + GroupXml.Rule("not-carol", "sip:carol@example.com", "<join-handling>false</join-handling>"),
        });
        var carol = await Register("carol");

        AssertRefused(
            await AnswerTo(carol, Skiers), 403, "join-handling is false: rule \"not-carol\" (identity)");
        await AssertGoesOnAsync(group, alice, bob);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/2-a"), Trait("Spec", "IM 7.2.1.4/2-b")]
    public async Task Whom_nobody_vouches_for_does_not_join()
    {
        var (group, alice, bob) = await TalkAsync();

        var answer = await Within(Stranger("somebody").Invite(Skiers, hop: Core).Final);

        AssertRefused(answer, 403, "Originator not authenticated");
        await AssertGoesOnAsync(group, alice, bob);
    }

    [Theory, Trait("Spec", "IM 7.2.1.4/3-ii"), Trait("Spec", "IM 7.2.1.5/3"), InlineData(false), InlineData(true)]
    public async Task A_full_group_takes_nobody(bool bySession)
    {
        var (group, alice, bob) = await TalkAsync(GroupOfThree with { MaxParticipants = 2 });
        var carol = await Register("carol");

        var answer = await AnswerTo(carol, bySession ? group.SessionIdentity : Skiers);

        AssertRefused(answer, 486, "Too many participants");
        await AssertGoesOnAsync(group, alice, bob);
    }

    [Theory, Trait("Spec", "IM 7.2.1.4/7"), MemberData(nameof(BadOffers))]
    public async Task What_the_switch_cannot_do_is_refused_with_what_it_can(string right, string wrong)
    {
        var (group, alice, bob) = await TalkAsync();
        var carol = await Register("carol");

        var answer = await AnswerTo(carol, Skiers, new() { RawBody = Sdp(Spoiled(right, wrong)) });

        AssertRefused(answer, 488, ReasonAgainst(wrong));
        AssertTellsWhatIsSupported(answer);
        await AssertGoesOnAsync(group, alice, bob);
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/7")]
    public async Task Nor_does_it_help_to_come_by_the_session_identity()
    {
        var (group, alice, bob) = await TalkAsync();
        var carol = await Register("carol");

        var answer = await AnswerTo(carol, group.SessionIdentity, new()
        {
            RawBody = Sdp(Spoiled("accept-types:message/cpim", "accept-types:text/html")),
        });

        AssertRefused(answer, 488, NoMsrp);
        AssertTellsWhatIsSupported(answer);
        await AssertGoesOnAsync(group, alice, bob);
    }

    [Fact, Trait("Spec", "RFC 4028 9")]
    public async Task An_interval_too_small_is_refused_with_the_least()
    {
        var (group, alice, bob) = await TalkAsync();
        var carol = await Register("carol");

        var answer = await AnswerTo(carol, Skiers, new() { SessionExpires = "1" });

        AssertRefused(answer, 422, "Session interval is too small");
        Assert.Equal("90", answer["Min-SE"]);
        await AssertGoesOnAsync(group, alice, bob);
    }

    [Theory, Trait("Spec", "IM 7.2.1.5/1-a"), Trait("Spec", "IM 7.2.1.5/1-b")]
    [InlineData(false), InlineData(true)]
    public async Task A_session_that_is_none_or_no_more_is_not_rejoined(bool wasOne)
    {
        var (group, alice, bob) = await TalkAsync();
        await Within(Task.WhenAll(group[alice].ByeAsync(), group[bob].ByeAsync()));

        var answer = await AnswerTo(bob, wasOne ? group.SessionIdentity : Nowhere);

        AssertRefused(answer, 403, "Session does not exist");
    }

    private async Task<(Group Group, Handset Alice, Handset Bob)> TalkAsync(GroupXml? document = null)
    {
        var alice = await Register("alice");
        var bob = await Register("bob");
        await Owner.PutGroupAsync(document ?? GroupOfThree);
        var group = Group.Of((alice, await JoinAsync(alice)), (bob, await JoinAsync(bob)));
        await group.ConnectedAsync();
        return (group, alice, bob);
    }
}
