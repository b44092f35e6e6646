using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.2, second and third list: what the invitees' responses mean.</summary>
public class SetupOutcomeTests
{
    private readonly Scene scene = new();

    private Respond FinalToInviter =>
        Assert.Single(scene.Effects.OfType<Respond>(), response => response.Status.IsFinal);

    [Fact, Trait("Spec", "IM 7.2.1.2/ok-1")]
    public void The_first_200_answers_the_inviter()
    {
        scene.Invites(alice, bob, carol);

        var response = scene.Accepts(bob).Single<Respond>();

        Assert.Equal(("t-INVITE-alice", SipStatus.Ok), (response.Transaction, response.Status));
        Assert.Equal(ConferencePhase.Active, scene.Conference!.Phase);
        Assert.Equal(LegState.Answering, scene.Participant(alice).Leg.State);
        Assert.Equal(LegState.Active, scene.Participant(bob).Leg.State);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/ok-1")]
    public void A_later_200_only_joins()
    {
        scene.Invites(alice, bob, carol);
        scene.Accepts(bob);

        var decision = scene.Accepts(carol);

        Assert.Empty(decision.Effects.OfType<Respond>());
        Assert.True(scene.Conference!.IsAttending(carol));
        Assert.Equal(scene.Participant(carol).Leg.Media.SessionId, decision.Single<OpenLeg>().Media.SessionId);
    }

    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public void Each_200_is_acknowledged_along_its_route()
    {
        scene.Invites(alice, bob);

        var ack = scene.Accepts(bob).Single<SendAck>();

        Assert.Equal(scene.InviteTo(bob).Key, ack.Invite);
        Assert.Equal("callee", ack.ToTag);
        Assert.Equal("sip:bob@192.0.2.20:5060;transport=tcp", ack.Uri.Text);
        Assert.Equal(["<sip:theirs.example.com;lr>", "<sip:ours.example.com;lr>"], ack.RouteSet);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/ok-2"), Trait("Spec", "IM 7.2.1.2/ok-3")]
    public void The_200_to_the_inviter_answers_his_offer()
    {
        scene.Invites(alice, bob);

        var response = scene.Accepts(bob).Single<Respond>();

        Assert.Equal("application/sdp", response.Headers.First("Content-Type"));
        Assert.True(SessionDescription.TryParse(response.Body.Span, out var answer));
        Assert.True(answer.TryFindMsrp(out _, out var media));
        Assert.Equal(SetupRole.Passive, media.Setup);
        Assert.Equal(scene.Participant(alice).Leg.Media.LocalUri, media.Path[^1].ToString());
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/ok-2a")]
    public void The_types_are_those_that_both_the_offer_and_the_invitee_take()
    {
        var facts = With(policy with { AcceptTypes = ["message/cpim", "text/plain", "text/html"] });
        var wide = new Scene(facts);
        var offer = Sdp(alice, types: "message/cpim text/plain", wrapped: "text/plain image/png");
        wide.Arrives(Invite(alice, bob) with { Offer = offer });

        var accepted = Sdp(bob, types: "message/cpim text/html", wrapped: "image/png", setup: "active");
        var response = wide.Accepts(bob, answer: accepted).Single<Respond>();

        Assert.True(SessionDescription.TryParse(response.Body.Span, out var answer));
        Assert.Equal("message/cpim", answer.Media[0].Attribute("accept-types"));
        Assert.Equal("image/png", answer.Media[0].Attribute("accept-wrapped-types"));
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/ok-2b")]
    public void The_answer_holds_the_attributes_of_the_chosen_line_and_refuses_the_others()
    {
        byte[] offer = [.. Sdp(alice), .. "m=audio 4000 RTP/AVP 0\r\n"u8];
        scene.Arrives(Invite(alice, bob, carol) with { Offer = offer });

        var response = scene.Accepts(bob).Single<Respond>();

        Assert.True(SessionDescription.TryParse(response.Body.Span, out var answer));
        Assert.Equal(2, answer.Media.Length);
        Assert.True(answer.Media[1].IsRejected);
        Assert.NotNull(answer.Media[0].Attribute("path"));
        Assert.NotNull(answer.Media[0].Attribute("accept-types"));
        Assert.NotNull(answer.Media[0].Attribute("chatroom"));
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/ok-4")]
    public void The_switch_knows_both_legs_before_the_inviter_learns_our_path()
    {
        scene.Invites(alice, bob);

        var effects = scene.Accepts(bob).Effects;

        var opened = effects.OfType<OpenLeg>().ToList();
        Assert.Equal(["msrp://192.0.2.10:7394/leg-of-bob;tcp"], opened[0].Media.RemotePath);
        Assert.Equal(["msrp://192.0.2.10:7394/leg-of-alice;tcp"], opened[1].Media.RemotePath);
        Assert.True(effects.IndexOf(opened[1]) < effects.IndexOf(effects.OfType<Respond>().Single()));
    }

    [Fact, Trait("Spec", "RFC 3264 5")]
    public void An_invite_without_offer_gets_ours_and_answers_in_its_ack()
    {
        scene.Arrives(Invite(alice, bob) with { Offer = null });
        var response = scene.Accepts(bob).Single<Respond>();
        Assert.True(SessionDescription.TryParse(response.Body.Span, out var offer));
        Assert.Equal("actpass", offer.Media[0].Attribute("setup"));

        var decision = scene.Acknowledges(alice, Sdp(alice, setup: "active"));

        Assert.Equal(["msrp://192.0.2.10:7394/leg-of-alice;tcp"], decision.Single<OpenLeg>().Media.RemotePath);
        Assert.Equal(LegState.Active, scene.Participant(alice).Leg.State);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2c-ii-D")]
    public void A_180_rings_at_the_inviter_and_makes_the_invitee_alerting()
    {
        scene.Invites(alice, bob, carol);

        var response = scene.Rings(bob).Single<Respond>();

        Assert.Equal((SipStatus.Ringing, true), (response.Status, response.RecordRoute));
        Assert.Contains("isfocus", response.Headers.First("Contact"), StringComparison.Ordinal);
        Assert.Equal(Invitation.Ringing, scene.Participant(bob).Invitation);
    }

    [Fact, Trait("Spec", "RFC 3261 13.3.1.1")]
    public void The_inviter_hears_one_180_however_many_ring()
    {
        scene.Invites(alice, bob, carol, dave);
        scene.Rings(bob);
        scene.Rings(bob);
        scene.Rings(carol);
        scene.Answers(bob, 486);
        scene.Answers(carol, 486);
        scene.Rings(dave);

        Assert.Single(scene.Effects.OfType<Respond>());
    }

    [Theory, InlineData(100), InlineData(183), Trait("Spec", "RFC 3261 13.2.2.1")]
    public void Other_provisional_responses_change_nothing(int code)
    {
        scene.Invites(alice, bob);
        var before = scene.Conference;

        Assert.Empty(scene.Answers(bob, code).Effects);
        Assert.Same(before, scene.Conference);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/fail-1")]
    public void The_inviter_waits_as_long_as_somebody_may_accept()
    {
        scene.Invites(alice, bob, carol);

        scene.Answers(bob, 486);

        Assert.Empty(scene.Effects.OfType<Respond>());
        Assert.False(scene.Has(bob));
    }

    [Theory]
    [InlineData(AllRefused.Lowest, 486)]
    [InlineData(AllRefused.HighestClass, 603)]
    [InlineData(AllRefused.Fixed480, 480)]
    [Trait("Spec", "IM 7.2.1.2/fail-1")]
    public void When_all_refused_the_inviter_gets_the_status_of_the_policy(AllRefused allRefused, int code)
    {
        var refusing = new Scene(With(policy with { AllRefused = allRefused }));
        refusing.Invites(alice, bob, carol);
        refusing.Answers(bob, 603);

        var response = refusing.Answers(carol, 486).Single<Respond>();

        Assert.Equal(("t-INVITE-alice", code), (response.Transaction, response.Status.Code));
        Assert.NotEmpty(response.Warning!);
        Assert.Equal(ConferencePhase.Released, refusing.Conference!.Phase);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/fail-1")]
    public void A_redirection_counts_as_a_refusal()
    {
        scene.Invites(alice, bob);

        scene.Answers(bob, 302);

        Assert.Equal(480, FinalToInviter.Status.Code);
    }

    [Theory, InlineData(408, 408), InlineData(503, 480), InlineData(513, 480), Trait("Spec", "IM 7.2.1.2/fail-1")]
    public void What_kamailio_says_of_itself_is_not_the_word_of_an_invitee(int local, int expected)
    {
        scene.Invites(alice, bob);

        scene.Answers(bob, Response(scene.InviteTo(bob), local) with { IsLocal = true });

        Assert.Equal(expected, FinalToInviter.Status.Code);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/fail-2")]
    public void When_all_who_might_have_come_refused_or_left_the_inviter_is_removed()
    {
        scene.Invites(alice, bob, carol);
        scene.Accepts(bob);
        scene.Acknowledges(alice);
        scene.Leaves(bob);
        Assert.Equal(ConferencePhase.Active, scene.Conference!.Phase);

        scene.Answers(carol, 486);

        Assert.Equal(["alice"], scene.ByesSent);
        scene.AnswersBye(alice);
        Assert.Equal(ConferencePhase.Released, scene.Conference!.Phase);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/fail-2")]
    public void One_refusal_does_not_disturb_those_who_accepted()
    {
        scene.Invites(alice, bob, carol);
        scene.Accepts(bob);

        var decision = scene.Answers(carol, 603);

        Assert.Empty(decision.Effects.OfType<SendRequest>());
        Assert.Equal(ConferencePhase.Active, scene.Conference!.Phase);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/fail-1")]
    public void Who_refused_frees_his_leg_of_the_switch()
    {
        scene.Invites(alice, bob, carol);
        var leg = scene.Participant(bob).Leg.Media.SessionId;

        Assert.Equal(leg, scene.Answers(bob, 486).Single<CloseLeg>().SessionId);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/fail-1")]
    public void In_a_session_of_two_the_refusal_reaches_the_inviter()
    {
        scene.Invites(alice, bob);

        scene.Answers(bob, 486);

        Assert.Equal(SipStatus.BusyHere, FinalToInviter.Status);
    }

    [Fact, Trait("Spec", "RFC 3261 9.1")]
    public void Nobody_answers_so_the_invitations_are_cancelled_and_the_inviter_gets_480()
    {
        scene.Invites(alice, bob);
        scene.Rings(bob);

        var cancel = scene.After(60).Single<SendCancel>();
        Assert.Equal(scene.InviteTo(bob).Key, cancel.Invite);
        Assert.Empty(scene.Last.Effects.OfType<Respond>());

        scene.Answers(bob, 487);
        Assert.Equal(480, FinalToInviter.Status.Code);
    }

    [Fact, Trait("Spec", "RFC 3261 9.1")]
    public void An_invitee_who_accepts_after_we_gave_up_is_acknowledged_and_sent_away()
    {
        scene.Invites(alice, bob, carol);
        scene.Accepts(carol);
        scene.Acknowledges(alice);
        scene.After(60);

        var decision = scene.Accepts(bob);

        Assert.Equal("callee", decision.Single<SendAck>().ToTag);
        Assert.Equal("callee", decision.Single<SendRequest>().Request.ToTag);
        Assert.Equal(["bob"], scene.ByesSent);
        Assert.False(scene.Has(bob));
        Assert.Equal(ConferencePhase.Active, scene.Conference!.Phase);
    }

    [Fact, Trait("Spec", "RFC 3261 9.1")]
    public void A_200_that_crosses_our_cancel_after_the_release_is_ended_too()
    {
        scene.Invites(alice, bob);
        scene.Cancels(alice);

        scene.Accepts(bob);

        Assert.Equal(["bob"], scene.ByesSent);
        Assert.Single(scene.Last.Effects.OfType<SendAck>());
        Assert.Equal(ConferencePhase.Released, scene.Conference!.Phase);
    }

    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public void Another_fork_that_accepts_is_acknowledged_and_ended_and_the_first_stays()
    {
        scene.Invites(alice, bob);
        scene.Accepts(bob, tag: "phone");

        var decision = scene.Accepts(bob, tag: "tablet");

        Assert.Equal("tablet", decision.Single<SendAck>().ToTag);
        var bye = decision.Single<SendRequest>();
        Assert.Equal(("BYE", "tablet"), (bye.Request.Method, bye.Request.ToTag));
        Assert.Equal("phone", scene.Participant(bob).Leg.RemoteTag);
        Assert.Equal(LegState.Active, scene.Participant(bob).Leg.State);

        scene.Happens(new ResponseArrived(bye.Key, new(SipStatus.Ok, SipHeaders.Empty, default)));
        Assert.True(scene.Has(bob));
    }

    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public void The_tag_of_another_fork_may_hold_anything_and_have_any_length()
    {
        scene.Invites(alice, bob);
        scene.Accepts(bob, tag: "phone");

        var key = scene.Accepts(bob, tag: "a/b" + new string('x', 500)).Single<SendRequest>().Key;

        Assert.True(ActionKey.TryParse(key.ToString(), out var read));
        Assert.Equal(key, read);
        Assert.True(key.ToString().Length < 100);
    }

    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public void A_copy_of_the_accepted_200_changes_nothing()
    {
        scene.Invites(alice, bob);
        scene.Accepts(bob);
        var before = scene.Conference;

        Assert.Empty(scene.Accepts(bob).Effects);
        Assert.Same(before, scene.Conference);
    }

    public static TheoryData<string, byte[]> UnusableAnswers => new()
    {
        { "no SDP", "hello"u8.ToArray() },
        { "empty", [] },
        { "stream refused", Sdp(bob, port: 0) },
        { "types we do not send", Sdp(bob, types: "text/html") },
    };

    [Theory, MemberData(nameof(UnusableAnswers)), Trait("Spec", "RFC 3264 6")]
    public void An_answer_we_cannot_use_is_ended_and_counts_as_488(string why, byte[] answer)
    {
        Assert.NotEmpty(why);
        scene.Invites(alice, bob);

        scene.Accepts(bob, answer: answer);

        Assert.Single(scene.Last.Effects.OfType<SendAck>());
        Assert.Equal(["bob"], scene.ByesSent);
        Assert.Equal(SipStatus.NotAcceptableHere, FinalToInviter.Status);
    }

    [Theory, Trait("Spec", "RFC 3261 12.1.2")]
    [InlineData("Contact", "<tel:+15551>")]
    [InlineData("Contact", "<sip:bob@192.0.2.20?Route=%3Csip:192.0.2.30%3E>")]
    [InlineData("Record-Route", "")]
    public void A_200_with_an_impossible_address_counts_as_a_refusal(string name, string value)
    {
        scene.Invites(alice, bob);
        var impossible = value.Length > 0
            ? value
            : string.Join(", ", Enumerable.Repeat("<sip:a.example.com;lr>", 400));

        var headers = SipHeaders.Of(
            ("To", "<sip:bob@example.com>;tag=x"), (name, impossible), ("Contact", "<sip:bob@192.0.2.20>"));

        scene.Answers(bob, new SipResponse(SipStatus.Ok, headers, Sdp(bob)));

        Assert.Equal(SipStatus.NotAcceptableHere, FinalToInviter.Status);
    }

    [Fact, Trait("Spec", "RFC 3261 12.1.2")]
    public void A_200_without_contact_cannot_make_a_dialog_and_counts_as_a_refusal()
    {
        scene.Invites(alice, bob);
        var response = new SipResponse(SipStatus.Ok, SipHeaders.Of(("To", "<sip:bob@example.com>;tag=x")), Sdp(bob));

        scene.Answers(bob, response);

        Assert.Equal(488, FinalToInviter.Status.Code);
    }

    [Fact, Trait("Spec", "RFC 4028 7.2")]
    public void An_invitee_who_refreshes_is_supervised()
    {
        scene.Invites(alice, bob, carol);

        scene.Answers(bob, Response(scene.InviteTo(bob), 200, body: Sdp(bob, setup: "active"))
            .With("Session-Expires", "600;refresher=uas"));
        scene.Accepts(carol);

        Assert.Equal(start + TimeSpan.FromSeconds(600), scene.Participant(bob).Leg.SessionExpiresAt);
        Assert.Null(scene.Participant(carol).Leg.SessionExpiresAt);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2a-iv")]
    public void An_invitee_who_answers_with_privacy_is_anonymous_from_then_on()
    {
        scene.Invites(alice, bob, carol);

        scene.Answers(bob, Response(scene.InviteTo(bob), 200, body: Sdp(bob)).With("Privacy", "id"));

        Assert.Equal("sip:anonymous2@anonymous.invalid", scene.Participant(bob).Entity);
        Assert.Contains("sip:anonymous2@anonymous.invalid", scene.Last.Effects.OfType<OpenLeg>().First().Identities);
    }
}
