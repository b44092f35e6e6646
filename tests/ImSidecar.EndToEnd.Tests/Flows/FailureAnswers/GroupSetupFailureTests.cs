using ImSidecar.Client;
using ImSidecar.Client.Calls;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.FailureAnswers;

/// <summary>IM 7.2.1.3: what the first INVITE to a pre-arranged group is refused for. No member is called.</summary>
public class GroupSetupFailureTests(DemoProfile profile) : FailureFlow(profile)
{
    private GroupXml PreArranged => GroupOfThree with { InvitesMembers = true };

    [Fact, Trait("Spec", "IM 7.2.1.3/1"), Trait("Spec", "IM 11.2")]
    public async Task A_group_that_nobody_defined_does_not_exist() =>
        AssertRefused(await AnswerTo(await Register("alice"), Skiers), 404, "Conference URI does not exist");

    [Fact, Trait("Spec", "IM 7.2.1.3/1"), Trait("Spec", "IM 11.2")]
    public async Task A_group_that_was_deleted_does_not_exist_any_more()
    {
        var alice = await Register("alice");
        await Owner.PutGroupAsync(PreArranged);
        await Owner.DeleteGroupAsync(Skiers);

        AssertRefused(await AnswerTo(alice, Skiers), 404, "Conference URI does not exist");
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/2")]
    public async Task A_focus_does_not_start_it()
    {
        var answer = await RefusedAsync(
            alice => new() { Headers = [("Contact", $"<{alice.ContactUri}>;isfocus;+g.oma.sip-im")] });

        AssertRefused(answer, 403, "isfocus already assigned");
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/3-a"), Trait("Spec", "IM 7.2.1.3/3-b")]
    public async Task Whom_no_rule_lets_does_not_start_it()
    {
        var (alice, bob, carol) = await RegisterThree();
        var erin = await Register("erin");
        await Owner.PutGroupAsync(PreArranged);

        AssertRefused(await AnswerTo(erin, Skiers), 403, "allow-initiate-conference is false by default");
        AssertNobodyRings(alice, bob, carol);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/3-a"), Trait("Spec", "IM 7.2.1.3/3-b")]
    public async Task Who_is_barred_or_unknown_does_not_start_it()
    {
        var (alice, bob, carol) = await RegisterThree();
        var mallory = await Register("mallory");
        await Owner.PutGroupAsync(PreArranged with { Members = [.. AliceBobCarol, "sip:mallory@example.com"] });

        var barred = await AnswerTo(mallory, Skiers);
        var unknown = await Within(Stranger("somebody").Invite(Skiers, hop: Core).Final);

        AssertRefused(barred, 403, "User is barred from the IM service");
        AssertRefused(unknown, 403, "Originator not authenticated");
        AssertNobodyRings(alice, bob, carol);
    }

    [Theory, Trait("Spec", "IM 7.2.1.3/7-a"), Trait("Spec", "IM 7.2.1.3/7-b"), MemberData(nameof(BadOffers))]
    public async Task What_the_switch_cannot_do_is_refused_with_what_it_can(string right, string wrong)
    {
        var answer = await RefusedAsync(_ => new() { RawBody = Sdp(Spoiled(right, wrong)) });

        AssertRefused(answer, 488, ReasonAgainst(wrong));
        AssertTellsWhatIsSupported(answer);
    }

    [Fact, Trait("Spec", "RFC 4028 9")]
    public async Task An_interval_too_small_is_refused_with_the_least()
    {
        var answer = await RefusedAsync(_ => new() { SessionExpires = "89" });

        AssertRefused(answer, 422, "Session interval is too small");
        Assert.Equal("90", answer["Min-SE"]);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/fail-1")]
    public async Task A_group_of_one_has_nobody_to_invite()
    {
        var alice = await Register("alice");
        await Owner.PutGroupAsync(PreArranged with { Members = ["sip:alice@example.com"] });

        AssertRefused(await AnswerTo(alice, Skiers), 480, "No member can be invited");
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/fail-1")]
    public async Task When_every_member_refuses_the_first_is_told_so()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(PreArranged);

        var starting = alice.Invite(Skiers);
        await (await Next(bob.IncomingCalls)).RejectAsync(600);
        await (await Next(carol.IncomingCalls)).RejectAsync(480);

        AssertRefused(await Within(starting.Final), 480, "No invited user accepted");
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/fail-2")]
    public async Task When_the_last_member_refuses_behind_one_who_left_the_first_is_sent_away()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(PreArranged);

        var starting = alice.Invite(Skiers);
        var carolRings = await Next(carol.IncomingCalls);
        var bobs = await Group.AcceptAsync(bob);
        var call = await Within(starting.Answered);
        Assert.Equal(200, (await Within(bobs.ByeAsync())).Status);
        await carolRings.RejectAsync(486);

        Assert.Equal(CallEndedBy.Peer, (await Within(call.Ended)).By);
    }

    // No member rings; the group is there for the next one.
    private async Task<SipMessage> RefusedAsync(Func<Handset, InviteOptions> options)
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(PreArranged);

        var answer = await AnswerTo(alice, Skiers, options(alice));
        AssertNobodyRings(bob, carol);

        var starting = alice.Invite(Skiers);
        await Group.AcceptAsync(bob);
        await Group.AcceptAsync(carol);
        Assert.Equal(200, (await Within(starting.Final)).Status);
        return answer;
    }
}
