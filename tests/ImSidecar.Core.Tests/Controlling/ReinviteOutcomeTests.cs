using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.2.6, our re-INVITE and the answers to it.</summary>
public class ReinviteOutcomeTests
{
    private readonly Scene scene = Scene.Settled(alice, bob, carol);

    private Leg Bobs => scene.Participant(bob).Leg;

    private SendRequest Asks(SipUri user) => scene.Loses(user).Single<SendRequest>();

    [Fact, Trait("Spec", "IM 7.2.2.6"), Trait("Spec", "RFC 3261 12.2.1.1")]
    public void It_goes_through_the_dialog_with_the_next_CSeq()
    {
        var leg = Bobs;

        var request = Asks(bob).Request;

        Assert.Equal((leg.CallId, leg.LocalTag, leg.RemoteTag, 2L),
            (request.CallId, request.FromTag, request.ToTag, request.CSeq));
        Assert.Equal(leg.RemoteTarget, request.Uri);
        Assert.Equal(leg.RouteSet, request.Headers.Values("Route"));
        Assert.Contains("isfocus", request.Headers.First("Contact"), StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.2.6")]
    public void The_first_one_to_who_began_the_dialog_is_no_invitation_by_its_key() =>
        Assert.Equal($"{conferenceId}/p1/INVITE/2", Asks(alice).Key.ToString());

    [Fact, Trait("Spec", "RFC 3264 8"), Trait("Spec", "RFC 6135 4")]
    public void It_offers_the_same_session_in_its_next_version_and_leaves_open_who_connects()
    {
        var before = Bobs.Media;

        var body = Asks(bob).Request.Body;

        Assert.True(SessionDescription.TryParse(before.LocalDescription.Span, out var last));
        Assert.True(SessionDescription.TryParse(body.Span, out var offer));
        Assert.Equal((last.Origin.SessionId, "2"), (offer.Origin.SessionId, offer.Origin.Version));
        Assert.True(offer.TryFindMsrp(out _, out var media));
        Assert.Equal((SetupRole.ActPass, before.LocalUri), (media.Setup, media.Path.Single().ToString()));
    }

    [Fact, Trait("Spec", "RFC 3264 8")]
    public void It_repeats_every_media_line_that_was_refused()
    {
        var other = new Scene();
        var offer = System.Text.Encoding.UTF8.GetString(Sdp(alice)).Replace(
            "m=message", "m=audio 4000 RTP/AVP 0\r\nm=message", StringComparison.Ordinal);
        other.Arrives(Invite(alice, bob) with { Offer = System.Text.Encoding.UTF8.GetBytes(offer) });
        other.Accepts(bob);
        other.Acknowledges(alice);

        var body = other.Loses(alice).Single<SendRequest>().Request.Body;

        Assert.True(SessionDescription.TryParse(body.Span, out var again));
        Assert.Equal([("audio", 0), ("message", 2855)], again.Media.Select(each => (each.Kind, each.Port)));
        Assert.Equal("actpass", again.Media[1].Attribute("setup"));
    }

    [Fact, Trait("Spec", "RFC 4028 7.1")]
    public void It_keeps_the_session_timer_with_the_peer_who_refreshes()
    {
        var timed = new Scene();
        timed.Arrives(Invite(alice, bob).With("Supported", "timer").With("Session-Expires", "600"));
        timed.Accepts(bob);
        timed.Acknowledges(alice);

        var request = timed.Loses(alice).Single<SendRequest>();
        Assert.Equal("600;refresher=uas", request.Request.Headers.First("Session-Expires"));

        timed.Answers(alice, Response(request, 200, "from-alice", Sdp(alice, setup: "active"))
            .With("Session-Expires", "300;refresher=uas"));
        Assert.Equal(start.AddSeconds(300), timed.Participant(alice).Leg.SessionExpiresAt);
    }

    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public void Upon_200_it_is_acknowledged_and_the_switch_learns_the_answer()
    {
        var request = Asks(bob);
        Assert.Empty(scene.Last.Single<OpenLeg>().Media.RemotePath);

        scene.Answers(bob, Response(request, 200, "callee", Sdp(dave, setup: "passive")));

        var ack = scene.Last.Single<SendAck>();
        Assert.Equal((request.Key, Bobs.RemoteTag), (ack.Invite, ack.ToTag));
        Assert.Equal(Bobs.RouteSet, ack.RouteSet);
        Assert.Equal("sip:bob@192.0.2.20:5060;transport=tcp", ack.Uri.Text);
        var open = scene.Last.Single<OpenLeg>();
        Assert.Equal(["msrp://192.0.2.10:7394/leg-of-dave;tcp"], open.Media.RemotePath);
        Assert.True(open.Media.Connects);
        Assert.IsType<OpenLeg>(scene.Last.Effects[0]);
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void A_connection_that_comes_before_the_answer_is_the_one_wanted()
    {
        Asks(bob);
        scene.Connects(bob);
        Assert.True(Bobs.Reconnection!.IsConnected);

        scene.Accepts(bob);

        Assert.Null(Bobs.Reconnection);
        Assert.Single(scene.Last.Effects.OfType<SendAck>());
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void A_connection_that_comes_and_goes_before_the_answer_is_asked_for_again()
    {
        Asks(bob);
        scene.Connects(bob);
        scene.Accepts(bob);

        // The switch has told when it has waited in vain again.
        Assert.Equal(3, scene.Loses(bob).Single<SendRequest>().Request.CSeq);
    }

    [Fact, Trait("Spec", "RFC 4975 5.4")]
    public void Who_connects_after_the_answer_stays()
    {
        Asks(bob);
        scene.Accepts(bob);

        scene.Connects(bob);
        scene.After(100);

        Assert.Null(Bobs.Reconnection);
        Assert.Equal(LegState.Active, Bobs.State);
    }

    [Theory, Trait("Spec", "RFC 3261 14.1")]
    [InlineData("bob", 2100, 4000)]
    [InlineData("alice", 0, 2000)]
    public void Upon_491_it_goes_again_after_the_pause_of_who_made_the_call_id(string user, int least, int most)
    {
        var who = user == "bob" ? bob : alice;
        Asks(who);

        scene.Answers(who, 491);

        var missing = scene.Participant(who).Leg.Reconnection!;
        Assert.Equal(ReconnectionStage.Postponed, missing.Stage);
        Assert.InRange((missing.By - scene.Facts.Now).TotalMilliseconds, least, most);
        Assert.NotEmpty(scene.Last.Single<OpenLeg>().Media.RemotePath);
        Assert.Equal(3, scene.After(4).Single<SendRequest>().Request.CSeq);
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void Upon_491_who_is_connected_or_connects_in_the_pause_is_not_asked_again()
    {
        Asks(bob);
        scene.Connects(bob);
        scene.Answers(bob, 491);
        Assert.Null(Bobs.Reconnection);

        Asks(carol);
        scene.Answers(carol, 491);
        scene.Connects(carol);
        Assert.Empty(scene.After(5).Effects);
    }

    [Theory, Trait("Spec", "RFC 3261 12.2.1.2")]
    [InlineData(408), InlineData(481)]
    public void Upon_408_or_481_the_dialog_is_over_connected_or_not(int code)
    {
        Asks(bob);
        scene.Connects(bob);

        scene.Answers(bob, code);

        Assert.Equal(["bob"], scene.ByesSent);
    }

    [Theory, Trait("Spec", "RFC 3261 14.1")]
    [InlineData(488), InlineData(500), InlineData(603)]
    public void Upon_a_refusal_the_session_stays_for_who_is_connected_and_ends_for_who_is_not(int code)
    {
        Asks(bob);
        scene.Connects(bob);
        scene.Answers(bob, code);
        Assert.Null(Bobs.Reconnection);
        Assert.NotEmpty(scene.Last.Single<OpenLeg>().Media.RemotePath);

        Asks(carol);
        scene.Answers(carol, code);
        Assert.Equal(["carol"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "RFC 3264 6")]
    public void A_200_without_a_stream_we_can_use_is_acknowledged_and_the_participant_removed()
    {
        Asks(bob);

        scene.Accepts(bob, answer: Sdp(bob, port: 0));

        Assert.Single(scene.Last.Effects.OfType<SendAck>());
        Assert.Equal(["bob"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public void A_200_that_comes_when_he_is_being_removed_is_only_acknowledged()
    {
        var request = Asks(bob);
        scene.After(40);

        scene.Answers(bob, Response(request, 200, body: Sdp(bob, setup: "active")));

        Assert.Equal(request.Key, scene.Last.Single<SendAck>().Invite);
        Assert.Single(scene.Last.Effects);
    }

    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public void A_200_that_comes_when_he_has_left_is_only_acknowledged()
    {
        var request = Asks(bob);
        scene.Leaves(bob);

        scene.Answers(bob, Response(request, 200, body: Sdp(bob, setup: "active")));
        Assert.Equal(request.Key, scene.Last.Single<SendAck>().Invite);
        Assert.Single(scene.Last.Effects);

        Assert.Empty(scene.Answers(bob, Response(request, 488)).Effects);
    }

    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public void A_200_to_one_that_an_earlier_kamailio_sent_is_acknowledged_too()
    {
        var lost = Asks(bob);
        scene.Happens(new LinkRestarted());
        var stray = new ResponseArrived(lost.Key, Response(lost, 200, body: Sdp(bob))) { IsStray = true };

        var ack = scene.Happens(stray).Single<SendAck>();

        Assert.Equal((lost.Key, Bobs.CallId, Bobs.LocalTag, Bobs.RemoteTag),
            (ack.Invite, ack.CallId, ack.FromTag, ack.ToTag));
        Assert.Equal(ReconnectionStage.Proposing, Bobs.Reconnection!.Stage);
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void A_provisional_answer_changes_nothing()
    {
        Asks(bob);
        var before = scene.Conference;

        Assert.Empty(scene.Answers(bob, 180).Effects);
        Assert.Same(before, scene.Conference);
    }

    [Fact, Trait("Spec", "RFC 3264 8")]
    public void The_next_offer_of_the_peer_is_answered_and_not_taken_for_the_one_before_ours()
    {
        var first = scene.Participant(alice).Leg.Media.Offer;
        Asks(alice);
        scene.Answers(alice, Response(scene.InviteTo(alice), 200, "from-alice", Sdp(alice, setup: "active")));
        scene.Connects(alice);

        var response = scene.Arrives(Reinvite(scene.Participant(alice), first)).Single<Respond>();

        Assert.True(SessionDescription.TryParse(response.Body.Span, out var answer));
        Assert.Equal(("3", "passive"), (answer.Origin.Version, answer.Media[0].Attribute("setup")));
    }
}
