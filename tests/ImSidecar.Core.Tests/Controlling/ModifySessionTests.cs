using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.6 IM Session modification.</summary>
public class ModifySessionTests
{
    private readonly Scene scene = Scene.Settled(alice, bob, carol);

    private byte[] Moved { get; } = Sdp(dave, setup: "passive");

    [Fact, Trait("Spec", "IM 7.2.1.6/1")]
    public void Parameters_we_cannot_use_get_488_and_the_session_goes_on_as_it_was()
    {
        var before = scene.Conference;

        var response =
            scene.Arrives(Reinvite(scene.Participant(alice), Sdp(alice, types: "text/html"))).Single<Respond>();

        Assert.Equal(SipStatus.NotAcceptableHere, response.Status);
        Assert.NotEmpty(response.Warning!);
        Assert.Equal("application/sdp", response.Headers.First("Content-Type"));
        Assert.Contains("a=accept-types:message/cpim", response.Body.Text(), StringComparison.Ordinal);
        Assert.Same(before, scene.Conference);
    }

    [Fact, Trait("Spec", "IM 7.2.1.6/NOTE")]
    public void Nobody_else_is_asked_anything() =>
        Assert.Empty(scene.Arrives(Reinvite(scene.Participant(alice), Moved)).Effects.OfType<SendRequest>());

    [Fact, Trait("Spec", "IM 7.2.1.6/2")]
    public void The_switch_learns_of_the_change_before_the_peer_is_answered()
    {
        var session = scene.Participant(alice).Leg.Media.SessionId;

        var effects = scene.Arrives(Reinvite(scene.Participant(alice), Moved)).Effects;

        var open = Assert.IsType<OpenLeg>(effects[0]);
        Assert.Equal((session, true), (open.Media.SessionId, open.Media.Connects));
        Assert.Equal(["msrp://192.0.2.10:7394/leg-of-dave;tcp"], open.Media.RemotePath);
        Assert.IsType<Respond>(effects[1]);
    }

    [Fact, Trait("Spec", "IM 7.2.1.6/3"), Trait("Spec", "IM 7.2.1.6/3a"), Trait("Spec", "IM 7.2.1.6/3b")]
    public void The_200_answers_out_of_the_new_offer_with_the_next_version()
    {
        var before = scene.Participant(alice).Leg.Media;

        var response = scene.Arrives(Reinvite(scene.Participant(alice), Moved)).Single<Respond>();

        Assert.Equal((SipStatus.Ok, "application/sdp"), (response.Status, response.Headers.First("Content-Type")));
        Assert.True(SessionDescription.TryParse(response.Body.Span, out var answer));
        Assert.Equal("active", answer.Media[0].Attribute("setup"));
        Assert.True(SessionDescription.TryParse(before.LocalDescription.Span, out var old));
        Assert.Equal(old.Origin.SessionId, answer.Origin.SessionId);
        Assert.Equal(before.DescriptionVersion + 1, scene.Participant(alice).Leg.Media.DescriptionVersion);
    }

    [Fact, Trait("Spec", "RFC 4028 7.4")]
    public void The_same_offer_again_gets_the_same_answer_and_leaves_the_switch_alone()
    {
        var alices = scene.Participant(alice);

        var decision = scene.Arrives(Reinvite(alices, alices.Leg.Media.Offer));

        Assert.Equal(alices.Leg.Media.LocalDescription.Text(), decision.Single<Respond>().Body.Text());
        Assert.Single(decision.Effects);
    }

    [Fact, Trait("Spec", "RFC 3311 5.2")]
    public void An_update_without_offer_gets_a_200_without_answer()
    {
        var update = Reinvite(scene.Participant(bob)).WithHead(head => head with { Method = "UPDATE" });

        var response = scene.Arrives(update).Single<Respond>();

        Assert.Equal((SipStatus.Ok, 0), (response.Status, response.Body.Length));
        Assert.Null(response.Headers.First("Content-Type"));
    }

    [Fact, Trait("Spec", "RFC 3261 14.2")]
    public void A_reinvite_without_offer_gets_our_description()
    {
        var response = scene.Arrives(Reinvite(scene.Participant(bob))).Single<Respond>();

        Assert.True(SessionDescription.TryParse(response.Body.Span, out _));
    }

    [Fact, Trait("Spec", "RFC 3261 12.2.2")]
    public void A_new_contact_becomes_the_target_of_our_requests()
    {
        var request = Reinvite(scene.Participant(bob)).WithHead(head => head with { Contact = ContactOf(dave) });
        scene.Arrives(request);

        Assert.Equal(ContactOf(dave).Uri, scene.Participant(bob).Leg.RemoteTarget);
    }

    [Fact, Trait("Spec", "RFC 4575 5.7")]
    public void Those_who_watch_see_the_new_contact()
    {
        scene.Subscribes(carol);
        scene.AnswersNotify(carol);
        scene.Arrives(Reinvite(scene.Participant(bob)).WithHead(head => head with { Contact = ContactOf(dave) }));

        scene.After(5);

        var users = scene.View(carol).Users.Values;
        Assert.Equal(
            ContactOf(dave).Uri.Text, users.Single(user => user.Entity == bob.Text).Endpoints.Single().Entity);
    }

    [Fact, Trait("Spec", "RFC 3261 12.2.2")]
    public void A_dialog_we_do_not_know_gets_481()
    {
        var request = Reinvite(scene.Participant(bob)).WithHead(head => head with { CallId = "unknown" });

        Assert.Equal(SipStatus.NoSuchDialog, scene.Arrives(request).Single<Respond>().Status);
        Assert.Equal(SipStatus.NoSuchDialog, new Scene().Arrives(request).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 3261 12.2.2")]
    public void A_dialog_that_is_ending_gets_481()
    {
        var bobs = scene.Participant(bob);
        scene.Happens(new AckTimedOut(null, bobs.Leg.Dialog));

        Assert.Equal(SipStatus.NoSuchDialog, scene.Arrives(Reinvite(bobs, Moved)).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 3261 12.2.2")]
    public void A_cseq_that_is_not_higher_gets_500()
    {
        scene.Arrives(Reinvite(scene.Participant(alice), Moved));
        var late = Reinvite(scene.Participant(alice)).WithHead(head => head with { CSeq = head.CSeq - 1 });

        Assert.Equal(SipStatus.ServerInternalError, scene.Arrives(late).Single<Respond>().Status);
    }

    [Theory, Trait("Spec", "RFC 3261 14.2"), Trait("Spec", "RFC 3311 5.2")]
    [InlineData("INVITE", false, 491), InlineData("INVITE", true, 491)]
    [InlineData("UPDATE", true, 491), InlineData("UPDATE", false, 200)]
    public void What_crosses_our_reinvite_gets_491_but_for_a_mere_refresh(string method, bool hasOffer, int code)
    {
        scene.Loses(bob);

        var request = Reinvite(scene.Participant(bob), hasOffer ? Moved : default(ReadOnlyMemory<byte>?));
        var response = scene.Arrives(request.WithHead(head => head with { Method = method })).Single<Respond>();

        Assert.Equal(code, response.Status.Code);
        Assert.Equal(ReconnectionStage.Proposing, scene.Participant(bob).Leg.Reconnection!.Stage);
    }

    [Fact, Trait("Spec", "RFC 3311 5.2")]
    public void An_offer_that_comes_before_the_answer_to_ours_gets_491()
    {
        var late = new Scene();
        late.Arrives(Invite(alice, bob) with { Offer = null });
        late.Accepts(bob);

        Assert.Equal(491, late.Arrives(Reinvite(late.Participant(alice), Moved)).Single<Respond>().Status.Code);
        Assert.Equal(200, late.Arrives(Reinvite(late.Participant(alice))).Single<Respond>().Status.Code);
    }

    [Theory, Trait("Spec", "RFC 3261 14.2"), Trait("Spec", "RFC 3311 5.2")]
    [InlineData("INVITE"), InlineData("UPDATE")]
    public void What_comes_before_the_first_invite_is_answered_gets_500_and_may_come_again(string method)
    {
        var early = new Scene();
        early.Invites(alice, bob);

        var request = Reinvite(early.Participant(alice), Moved).WithHead(head => head with { Method = method });
        var response = early.Arrives(request).Single<Respond>();

        Assert.Equal(SipStatus.ServerInternalError, response.Status);
        Assert.InRange(int.Parse(response.Headers.First("Retry-After")!, null), 0, 10);
    }

    [Fact, Trait("Spec", "RFC 4975 5.4")]
    public void Who_lost_the_connection_and_modifies_the_session_has_time_again()
    {
        scene.Loses(bob);
        scene.Accepts(bob);
        scene.Later(20).Arrives(Reinvite(scene.Participant(bob), Moved));

        Assert.Null(scene.Participant(bob).Leg.Reconnection);
        Assert.IsType<OpenLeg>(scene.Last.Effects[0]);
    }

    [Fact, Trait("Spec", "RFC 4975 5.4")]
    public void A_mere_refresh_wins_no_time_but_has_the_switch_look_again()
    {
        scene.Loses(alice);
        scene.Answers(alice, 491);
        var alices = scene.Participant(alice);
        scene.Arrives(Reinvite(alices, alices.Leg.Media.Offer));

        Assert.Equal(alices.Leg.Reconnection, scene.Participant(alice).Leg.Reconnection);
        Assert.Equal(alices.Leg.RemoteCSeq + 1, scene.Participant(alice).Leg.RemoteCSeq);
        Assert.IsType<OpenLeg>(scene.Last.Effects[0]);
    }

    [Fact, Trait("Spec", "IM 7.2.2.2")]
    public void The_invited_side_of_a_session_of_two_never_sees_a_focus()
    {
        var two = Scene.Settled(alice, bob);

        var toBob = two.Arrives(Reinvite(two.Participant(bob))).Single<Respond>();
        var toAlice = two.Arrives(Reinvite(two.Participant(alice))).Single<Respond>();

        Assert.DoesNotContain("isfocus", toBob.Headers.First("Contact"), StringComparison.Ordinal);
        Assert.Contains("isfocus", toAlice.Headers.First("Contact"), StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "RFC 3311 5.2")]
    public void An_update_without_offer_may_come_before_the_first_invite_is_answered()
    {
        var early = new Scene();
        early.Invites(alice, bob);
        var update = Reinvite(early.Participant(alice))
            .WithHead(head => head with { Method = "UPDATE", Contact = ContactOf(dave) });

        var response = early.Arrives(update).Single<Respond>();
        early.Accepts(bob);

        Assert.Equal((SipStatus.Ok, 0), (response.Status, response.Body.Length));
        Assert.Equal(ContactOf(dave).Uri, early.Participant(alice).Leg.RemoteTarget);
        Assert.Equal(LegState.Answering, early.Participant(alice).Leg.State);
        Assert.Equal(SipStatus.ServerInternalError, early.Arrives(update).Single<Respond>().Status);
    }

    [Theory, Trait("Spec", "RFC 3311 5.2")]
    [InlineData("UPDATE", false, "rings", 200), InlineData("UPDATE", true, "rings", 491)]
    [InlineData("INVITE", false, "rings", 491), InlineData("UPDATE", false, "other", 481)]
    public void Who_rings_may_refresh_and_offers_nothing(string method, bool hasOffer, string tag, int code)
    {
        var early = new Scene();
        early.Invites(alice, bob);
        early.Answers(bob, Response(early.InviteTo(bob), 180, "rings"));
        var before = early.Conference;
        var leg = early.Participant(bob).Leg with { RemoteTag = tag };
        var offer = hasOffer ? Moved : default(ReadOnlyMemory<byte>?);
        var request = Reinvite(early.Participant(bob) with { Leg = leg }, offer)
            .WithHead(head => head with { Method = method });

        Assert.Equal(code, early.Arrives(request).Single<Respond>().Status.Code);
        Assert.Same(before, early.Conference);
    }

    [Theory, Trait("Spec", "RFC 3264 6.1"), Trait("Spec", "IM 7.2.1.6/3a")]
    [InlineData("inactive", "inactive", MediaDirection.Inactive)]
    [InlineData("sendonly", "recvonly", MediaDirection.SendOnly)]
    [InlineData("recvonly", "sendonly", MediaDirection.RecvOnly)]
    public void Who_is_on_hold_is_told_so_and_so_is_the_switch(
        string offered, string answered, MediaDirection direction)
    {
        var session = scene.Participant(bob).Leg.Media;
        byte[] held = [.. Sdp(bob), .. System.Text.Encoding.ASCII.GetBytes($"a={offered}\r\n")];

        var decision = scene.Arrives(Reinvite(scene.Participant(bob), held));

        Assert.Equal(direction, decision.Single<OpenLeg>().Media.Direction);
        Assert.Contains($"a={answered}\r\n", decision.Single<Respond>().Body.Text(), StringComparison.Ordinal);
        var back = scene.Arrives(Reinvite(scene.Participant(bob), Sdp(bob)));
        Assert.Equal(MediaDirection.SendRecv, back.Single<OpenLeg>().Media.Direction);
        Assert.DoesNotContain($"a={answered}\r\n", back.Single<Respond>().Body.Text(), StringComparison.Ordinal);
        Assert.Equal(session.SessionId, back.Single<OpenLeg>().Media.SessionId);
    }

    [Fact, Trait("Spec", "IM 7.2.1.6/1"), Trait("Spec", "RFC 3264 8.2")]
    public void A_session_without_its_stream_is_none_so_that_offer_gets_488()
    {
        var response = scene.Arrives(Reinvite(scene.Participant(bob), Sdp(bob, port: 0))).Single<Respond>();

        Assert.Equal(SipStatus.NotAcceptableHere, response.Status);
    }

    [Fact, Trait("Spec", "RFC 3261 12.2.2"), Trait("Spec", "RFC 3261 15.1.2")]
    public void A_reinvite_behind_the_bye_of_the_same_user_finds_nothing_and_one_before_it_is_answered()
    {
        var bobs = scene.Participant(bob);
        Assert.Equal(SipStatus.Ok, scene.Arrives(Reinvite(bobs, Moved)).Single<Respond>().Status);

        Assert.Equal(SipStatus.Ok, scene.Leaves(bob).Effects.OfType<Respond>().First().Status);

        Assert.Equal(SipStatus.NoSuchDialog, scene.Arrives(Reinvite(bobs, Moved)).Single<Respond>().Status);
        Assert.False(scene.Has(bob));
    }
}
