using ImSidecar.Core.Conferences;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.3 Pre-defined IM Group Session setup request.</summary>
public class PredefinedGroupSetupTests
{
    private static readonly GroupXml preArranged = GroupOfThree with { InvitesMembers = true };

    private static Respond AssertRefused(Decision decision, int code)
    {
        var response = Assert.IsType<Respond>(Assert.Single(decision.Effects));
        Assert.Equal(code, response.Status.Code);
        Assert.Null(decision.Conference);
        return response;
    }

    private static IEnumerable<string> Invited(Decision decision) =>
        decision.Effects.OfType<SendRequest>().Select(each => each.Request.Uri.User);

    [Fact, Trait("Spec", "IM 7.2.1.3/1")]
    public void A_group_that_does_not_exist_gets_404() =>
        Assert.Equal(
            "Conference URI does not exist",
            AssertRefused(new Scene(NoFacts with { Group = GroupFacts.None }).Calls(alice), 404).Warning);

    [Fact, Trait("Spec", "IM 7.2.1.3/2"), Trait("Spec", "IM 7.2.1.4/1")]
    public void A_focus_gets_403()
    {
        var request = InviteGroup(alice)
            .WithHead(head => head with { Contact = Address("<sip:focus@192.0.2.10>;isfocus;+g.oma.sip-im") });

        Assert.Equal(
            "isfocus already assigned", AssertRefused(new Scene(With(preArranged)).Arrives(request), 403).Warning);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/3-a"), Trait("Spec", "IM 7.2.1.3/3-b")]
    public void An_originator_nobody_vouches_for_gets_403()
    {
        var request = InviteGroup(alice).WithHead(head => head with { Identities = [] });

        Assert.Equal(
            "Originator not authenticated", AssertRefused(new Scene(With(preArranged)).Arrives(request), 403).Warning);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/3-a"), Trait("Spec", "IM 7.2.1.3/3-b")]
    public void Who_may_not_start_the_session_gets_403_that_says_why()
    {
        var warning = AssertRefused(new Scene(With(preArranged)).Calls(dave), 403).Warning;

        Assert.Contains("allow-initiate-conference", warning, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/3-a")]
    public void A_document_that_cannot_be_had_opens_no_door()
    {
        var scene = new Scene(NoFacts with { Group = GroupFacts.Unusable("Group document is not available") });

        Assert.Equal("Group document is not available", AssertRefused(scene.Calls(alice), 403).Warning);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/3-a")]
    public void Privacy_needs_leave()
    {
        var decision = new Scene(With(preArranged)).Arrives(InviteGroup(alice).With("Privacy", "id"));

        Assert.Contains("allow-anonymity", AssertRefused(decision, 403).Warning, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/4"), Trait("Spec", "IM 7.2.1.3/5"), Trait("Spec", "IM 7.2.1.3/8")]
    public void The_session_knows_its_group_and_its_inviter()
    {
        var request = InviteGroup(alice).With("Allow", "INVITE, ACK, BYE")
            .WithHead(head => head with { From = Address("\"Ali\" <sip:alice@example.com>;tag=from-alice") });

        var session = new Scene(With(preArranged)).Arrives(request).Conference!;

        var inviter = session.Participants["p1"];
        Assert.Equal((ConferenceKind.PreArranged, skiers), (session.Kind, session.GroupIdentity));
        Assert.Equal(("Ali", true), (inviter.DisplayName, inviter.IsInviter));
        Assert.Equal(["INVITE", "ACK", "BYE"], inviter.Leg.PeerAllows);
        Assert.StartsWith("sip:c0ffee-", session.SessionIdentity.Text, StringComparison.Ordinal);
    }

    [Theory, Trait("Spec", "IM 7.2.1.3/7-a"), Trait("Spec", "IM 7.2.1.3/7-b"), Trait("Spec", "IM 7.2.1.4/7")]
    [InlineData(true)]
    [InlineData(false)]
    public void Media_that_is_not_msrp_gets_488(bool invitesMembers)
    {
        var request = InviteGroup(alice) with { Offer = "v=0\r\ns=-\r\nt=0 0\r\nm=audio 1 RTP/AVP 0\r\n"u8.ToArray() };

        var scene = new Scene(With(GroupOfThree with { InvitesMembers = invitesMembers }));

        Assert.NotEmpty(AssertRefused(scene.Arrives(request), 488).Warning!);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/8a"), Trait("Spec", "IM 7.2.1.3/8b")]
    public void The_members_but_the_inviter_are_invited_in_the_name_of_the_group()
    {
        var decision = new Scene(With(preArranged)).Calls(bob);

        Assert.Equal(["alice", "carol"], Invited(decision));
        var invite = decision.Effects.OfType<SendRequest>().First().Request;
        Assert.Equal("\"The skiers\" <sip:skiers@groups.example.com>", invite.From);
        Assert.Equal("<sip:skiers@groups.example.com>", invite.Headers.First("P-Asserted-Identity"));
        Assert.Equal("<sip:bob@example.com>", invite.Headers.First("Referred-By"));
        Assert.IsType<OpenLeg>(decision.Effects[0]);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/8a")]
    public void A_member_whom_the_rules_refuse_is_not_invited()
    {
        var group = preArranged with
        {
            Rules = GroupXml.OfMembers
                + GroupXml.Rule("no", carol.Text, "<join-handling>false</join-handling>"),
        };

        Assert.Equal(["alice"], Invited(new Scene(With(group)).Calls(bob)));
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/8a")]
    public void No_more_are_invited_than_there_are_places() =>
        Assert.Equal(["bob"], Invited(new Scene(With(preArranged with { MaxParticipants = 2 })).Calls(alice)));

    [Fact, Trait("Spec", "IM 7.2.1.3/ok-2"), Trait("Spec", "IM 7.2.1.3/ok-2a")]
    public void The_answer_to_the_inviter_holds_the_types_that_his_offer_and_the_member_take()
    {
        var scene = new Scene(With(preArranged));
        scene.Arrives(InviteGroup(bob) with { Offer = Sdp(bob, wrapped: "text/plain image/png") });

        var answer = scene.Accepts(alice, answer: Sdp(alice, wrapped: "image/png", setup: "active")).Single<Respond>();

        Assert.Contains("a=accept-wrapped-types:image/png\r\n", answer.Body.Text(), StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/ok-1")]
    [Trait("Spec", "IM 7.2.1.3/ok-3"), Trait("Spec", "IM 7.2.1.3/ok-4"), Trait("Spec", "IM 7.2.1.1/4b")]
    public void The_first_member_who_accepts_answers_the_inviter_as_the_group()
    {
        var scene = new Scene(With(preArranged));
        scene.Calls(bob);

        var first = scene.Accepts(alice).Effects.OfType<Respond>().Single();
        var second = scene.Accepts(carol).Effects.OfType<Respond>();

        Assert.Equal(SipStatus.Ok, first.Status);
        Assert.Equal("<sip:skiers@groups.example.com>", first.Headers.First("P-Asserted-Identity"));
        Assert.Contains("a=accept-types:message/cpim", first.Body.Text(), StringComparison.Ordinal);
        Assert.Empty(second);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/fail-1")]
    public void When_every_member_refused_the_inviter_gets_the_lowest_code()
    {
        var scene = new Scene(With(preArranged));
        scene.Calls(bob);

        scene.Answers(alice, 603);
        var response = scene.Answers(carol, 486).Effects.OfType<Respond>().Single();

        Assert.Equal(486, response.Status.Code);
        Assert.Equal(ConferencePhase.Released, scene.Conference!.Phase);
    }

    [Theory, InlineData(true), InlineData(false), Trait("Spec", "IM 7.2.1.4/3"), Trait("Spec", "IM 7.2.1.4/3-ii")]
    public void A_group_without_places_takes_nobody(bool invitesMembers)
    {
        var group = GroupOfThree with { InvitesMembers = invitesMembers, MaxParticipants = 0 };

        Assert.Equal("Too many participants", AssertRefused(new Scene(With(group)).Calls(alice), 486).Warning);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/fail-1")]
    public void A_group_of_one_has_nobody_to_invite()
    {
        var group = new GroupXml(skiers.Text, alice.Text) { InvitesMembers = true };

        AssertRefused(new Scene(With(group)).Calls(alice), 480);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/fail-2")]
    public void Who_is_left_alone_when_the_last_member_refuses_is_removed()
    {
        var scene = new Scene(With(preArranged));
        scene.Calls(bob);
        scene.Accepts(alice);
        scene.Acknowledges(bob);
        scene.Leaves(alice);

        scene.Answers(carol, 486);

        Assert.Equal(["bob"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/8"), Trait("Spec", "IM 7.2.1.4/8a"), Trait("Spec", "IM 7.2.1.4/8b")]
    public void Who_opens_a_chat_group_is_answered_at_once_and_nobody_is_invited()
    {
        var decision = new Scene(With(GroupOfThree)).Calls(alice);

        Assert.Equal([typeof(OpenLeg), typeof(Respond)], decision.Effects.Select(effect => effect.GetType()));
        Assert.Equal((ConferenceKind.Chat, ConferencePhase.Active),
            (decision.Conference!.Kind, decision.Conference.Phase));
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/8a")]
    public void To_open_a_chat_group_takes_both_rights()
    {
        var mayJoin = GroupOfThree with
        {
            Rules = GroupXml.Rule("join", alice.Text, "<join-handling>true</join-handling>")
                + GroupXml.Rule("start", bob.Text, "<allow-initiate-conference>true</allow-initiate-conference>"),
        };

        AssertRefused(new Scene(With(mayJoin)).Calls(alice), 403);
        AssertRefused(new Scene(With(mayJoin)).Calls(bob), 403);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/8")]
    public void The_next_session_has_a_name_of_its_own_and_numbers_that_nobody_had()
    {
        var scene = new Scene(With(GroupOfThree));
        scene.Calls(alice);
        scene.Acknowledges(alice);
        var first = scene.Conference!.SessionIdentity;
        scene.Leaves(alice);
        Assert.Equal(ConferencePhase.Released, scene.Conference.Phase);

        scene.Calls(bob);

        Assert.NotEqual(first, scene.Conference.SessionIdentity);
        Assert.Equal("p2", Assert.Single(scene.Conference.Participants.Values).Id);
        Assert.True(scene.Conference.Revision > 3);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/8")]
    public void Who_has_not_answered_his_bye_is_waited_for_in_the_next_session()
    {
        var scene = new Scene(With(preArranged));
        scene.Calls(bob);
        scene.Accepts(alice);
        scene.Answers(carol, 486);
        scene.Acknowledges(bob);
        scene.Leaves(bob);
        Assert.Equal(ConferencePhase.Releasing, scene.Conference!.Phase);

        scene.Calls(carol);
        var closed = scene.AnswersBye(alice).Effects.OfType<CloseLeg>();

        Assert.Single(closed);
        Assert.Equal(ConferencePhase.Inviting, scene.Conference.Phase);
    }

    /// <summary>Alice has left, bob watches and has answered neither his NOTIFY nor his BYE.</summary>
    private static Scene Releasing()
    {
        var scene = new Scene(With(preArranged));
        scene.Calls(alice);
        scene.Accepts(bob);
        scene.Answers(carol, 486);
        scene.Acknowledges(alice);
        scene.Subscribes(bob);
        scene.Leaves(alice);
        Assert.Equal(ConferencePhase.Releasing, scene.Conference!.Phase);
        return scene;
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/8")]
    public void Who_watched_the_last_session_sees_nothing_of_the_next()
    {
        var scene = Releasing();

        scene.Arrives(InviteGroup(carol).With("Subject", "without bob"));
        scene.Accepts(alice);
        scene.AnswersNotify(bob);

        Assert.Equal("terminated;reason=noresource", scene.Notify.Headers.First("Subscription-State"));
        Assert.Equal(0, scene.Notify.Body.Length);
        scene.Happens(new LinkRestarted());
        Assert.Equal(0, scene.Notify.Body.Length);
        scene.AnswersNotify(bob);
        Assert.Empty(scene.Conference!.Subscriptions.Values);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/8")]
    public void A_copy_of_the_invite_of_who_was_sent_away_starts_no_session()
    {
        var scene = new Scene(With(GroupOfThree));
        scene.Calls(alice);
        scene.Acknowledges(alice);
        scene.Changes(null);
        scene.Facts = With(GroupOfThree);

        var decision = scene.Arrives(InviteGroup(alice).WithHead(head => head with { Transaction = "t-again" }));

        Assert.Equal(482, Assert.IsType<Respond>(Assert.Single(decision.Effects)).Status.Code);
        Assert.Equal(ConferencePhase.Releasing, decision.Conference!.Phase);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/8")]
    public void A_refer_to_the_last_session_is_told_to_its_end()
    {
        var scene = new Scene(With(preArranged with
        {
            Rules = GroupXml.OfMembers + GroupXml.Rule(
                "owner", alice.Text,
                "<join-handling>true</join-handling><allow-initiate-conference>true</allow-initiate-conference>"
                + "<oxe:allow-expelling>true</oxe:allow-expelling>"),
        }));
        scene.Calls(alice);
        scene.Accepts(bob);
        scene.Answers(carol, 486);
        scene.Acknowledges(alice);
        scene.Arrives(new ReferRequest(Head("REFER", alice, skiers) with
        {
            CallId = "refer",
            Contact = ContactOf(alice),
        })
        {
            Targets = [new(bob, null, "BYE")],
        });
        scene.AnswersProgress();
        scene.Leaves(alice);

        scene.Calls(carol);
        scene.AnswersBye(bob);

        Assert.Equal("SIP/2.0 200 Reason\r\n", scene.Progress.Request.Body.Text());
        Assert.StartsWith(
            "terminated", scene.Progress.Request.Headers.First("Subscription-State"), StringComparison.Ordinal);
    }
}
