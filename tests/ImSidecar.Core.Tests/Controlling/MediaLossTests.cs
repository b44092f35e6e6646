using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>A participant whose MSRP connection is gone.</summary>
public class MediaLossTests
{
    private readonly Scene scene = Scene.Settled(alice, bob, carol);

    private Reconnection? Bobs => scene.Participant(bob).Leg.Reconnection;

    private IEnumerable<OutgoingRequest> Sent => scene.Last.Effects.OfType<SendRequest>().Select(each => each.Request);

    [Fact, Trait("Spec", "RFC 4975 5.4")]
    public void A_connect_that_nobody_missed_changes_nothing()
    {
        var before = scene.Conference;

        Assert.Empty(scene.Connects(bob).Effects);
        Assert.Empty(scene.Happens(new LegConnected("nobody's")).Effects);
        Assert.Empty(scene.Happens(new LegLost("nobody's")).Effects);
        Assert.Same(before, scene.Conference);
    }

    [Fact, Trait("Spec", "RFC 4975 5.4")]
    public void A_loss_told_twice_is_one()
    {
        scene.Loses(bob);
        var before = scene.Conference;

        Assert.Empty(scene.Later(10).Loses(bob).Effects);
        Assert.Same(before, scene.Conference);
    }

    [Fact, Trait("Spec", "RFC 4975 5.4")]
    public void Without_a_time_to_reconnect_nobody_is_supervised()
    {
        var lax = Scene.Settled(With(policy with { MediaReconnect = TimeSpan.Zero }), alice, bob);
        var before = lax.Conference;

        Assert.Empty(lax.Loses(bob).Effects);
        Assert.Same(before, lax.Conference);
    }

    [Fact, Trait("Spec", "IM 7.2.2.6")]
    public void At_another_node_everybody_is_invited_to_its_address()
    {
        var before = scene.Participant(bob).Leg;
        scene.Facts = With(policy with { MsrpHost = "2001:db8::2", MsrpPort = 2900 });

        scene.Happens(new NodeStarted());

        Assert.Equal(["alice", "bob", "carol"], Sent.Select(request => request.Uri.User).Order(StringComparer.Ordinal));
        var leg = scene.Participant(bob).Leg;
        Assert.Equal((before.Media.SessionId, ReconnectionStage.Proposing), (leg.Media.SessionId, leg.Reconnection!.Stage));
        Assert.Equal($"msrp://[2001:db8::2]:2900/{before.Media.SessionId};tcp", leg.Media.LocalUri);
        var bobs = Sent.Single(request => request.Uri.User == "bob");
        Assert.True(SessionDescription.TryParse(bobs.Body.Span, out var proposed));
        Assert.True(proposed.TryFindMsrp(out _, out var media));
        Assert.Equal((leg.Media.LocalUri, 2900, "2001:db8::2"), (media.Path[0].ToString(), media.Port, media.Address));
        Assert.All(scene.Last.Effects.OfType<OpenLeg>(), open => Assert.Contains("2001:db8::2", open.Media.LocalUri));

        // It is not said again when this node starts once more.
        scene.Happens(new NodeStarted());
        Assert.Empty(Sent);
    }

    [Fact, Trait("Spec", "IM 7.2.2.6")]
    public void Who_wants_no_connection_hears_of_the_other_node_when_he_wants_one()
    {
        var media = scene.Participant(bob).Leg.Media with { HoldsConnection = true };
        scene.Replace(scene.Conference!.With(scene.Participant(bob) with { Leg = scene.Participant(bob).Leg with { Media = media } }));
        scene.Facts = With(policy with { MsrpHost = "192.0.2.77" });

        scene.Happens(new NodeStarted());

        Assert.DoesNotContain(Sent, request => request.Uri.User == "bob");
        Assert.Contains("192.0.2.77", scene.Participant(bob).Leg.Media.LocalUri);
    }

    [Fact, Trait("Spec", "RFC 4145 4")]
    public void Who_wants_no_connection_for_now_is_not_missed()
    {
        var media = scene.Participant(bob).Leg.Media with { HoldsConnection = true };
        var holding = scene.Participant(bob) with { Leg = scene.Participant(bob).Leg with { Media = media } };

        Assert.Empty(MediaLoss.OnLegLost(scene.Conference!.With(holding), media.SessionId, NoFacts).Effects);
    }

    [Fact, Trait("Spec", "RFC 8122 6.2")]
    public void Whoever_answers_the_reinvite_may_have_another_certificate()
    {
        var media = scene.Participant(bob).Leg.Media with { Fingerprints = ["SHA-256 00"] };
        var proposing = scene.Participant(bob) with
        {
            Leg = scene.Participant(bob).Leg with
            {
                Media = media,
                Reconnection = new(ReconnectionStage.Proposing, start),
            },
        };

        var open = LegOpening.Of(scene.Conference!, proposing);

        Assert.Empty(open.Media.Fingerprints);
        Assert.Empty(open.Media.RemotePath);
    }

    [Fact, Trait("Spec", "RFC 4975 5.4")]
    public void Who_is_invited_or_leaving_is_not_missed()
    {
        var early = new Scene();
        early.Invites(alice, bob);
        Assert.Empty(early.Loses(bob).Effects);

        scene.Happens(new AckTimedOut(null, scene.Participant(bob).Leg.Dialog));
        Assert.Empty(scene.Loses(bob).Effects);
        Assert.Null(Bobs);
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void Who_is_silent_is_asked_by_reinvite_and_then_removed()
    {
        scene.Loses(bob);
        Assert.Equal(("INVITE", 2), (Sent.Single().Method, Sent.Single().CSeq));
        scene.Accepts(bob);
        Assert.Equal(new(ReconnectionStage.Connecting, start.AddSeconds(30)) { Proposals = 1 }, Bobs);

        scene.After(30);
        Assert.Equal(["bob"], scene.ByesSent);
        Assert.Null(Bobs);
    }

    [Fact, Trait("Spec", "IM 7.2.1.9/ok-3")]
    public void The_others_hear_that_he_was_removed()
    {
        scene.Subscribes(carol);
        scene.AnswersNotify(carol);
        scene.Loses(bob);
        scene.Answers(bob, 481);

        scene.AnswersBye(bob, 481);
        scene.After(5);

        Assert.False(scene.Has(bob));
        var bobs = scene.View(carol).Users.Values.Single(user => user.Entity == bob.Text);
        Assert.Equal(EndpointStatus.Disconnected, bobs.Endpoints.Single().Status);
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void No_reinvite_goes_out_before_the_ACK_for_our_200()
    {
        var unacknowledged = new Scene();
        unacknowledged.Invites(alice, bob);
        unacknowledged.Accepts(bob);
        Assert.Empty(unacknowledged.Loses(alice).Effects);
        unacknowledged.Acknowledges(alice);
        unacknowledged.After(40);

        Assert.Equal(2, unacknowledged.Last.Single<SendRequest>().Request.CSeq);
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void A_reinvite_that_nobody_answers_ends_in_removal()
    {
        scene.Loses(bob);

        scene.After(40);

        Assert.Equal(["bob"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "RFC 4975 5.4")]
    public void A_started_node_waits_anew_for_who_was_to_connect_and_saves_nothing_else()
    {
        scene.Loses(bob);
        scene.Accepts(bob);
        var carols = scene.Participant(carol);

        scene.Later(29).Happens(new NodeStarted());

        Assert.Equal(start.AddSeconds(59), Bobs!.By);
        Assert.Same(carols, scene.Participant(carol));
        Assert.Equal(3, scene.Last.Effects.OfType<OpenLeg>().Count());
        Assert.Equal(3, scene.Last.Effects.Length);
    }

    [Fact, Trait("Spec", "RFC 4975 5.4")]
    public void A_started_node_that_supervises_nobody_any_more_waits_for_nobody()
    {
        scene.Loses(bob);
        scene.Accepts(bob);

        var decision = Core.Conferences.ConferenceMachine.Apply(scene.Conference, conferenceId, new NodeStarted(),
            scene.Facts with { Operator = policy with { MediaReconnect = TimeSpan.Zero } });

        Assert.All(decision.Conference!.Participants.Values, each => Assert.Null(each.Leg.Reconnection));
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void An_answer_that_came_while_the_node_was_away_is_not_too_late()
    {
        scene.Loses(bob);

        scene.Later(30).Happens(new NodeStarted());
        Assert.Empty(scene.Last.Effects.OfType<OpenLeg>().Single(open =>
            open.Media.SessionId == scene.Participant(bob).Leg.Media.SessionId).Media.RemotePath);
        scene.After(1);
        scene.Accepts(bob);

        Assert.Equal(ReconnectionStage.Connecting, Bobs!.Stage);
        Assert.Single(scene.Last.Effects.OfType<SendAck>());
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void A_started_node_keeps_a_pause()
    {
        scene.Loses(bob);
        scene.Answers(bob, 491);
        var paused = Bobs;

        scene.Happens(new NodeStarted());

        Assert.Equal(paused, Bobs);
    }

    [Fact, Trait("Spec", "RFC 3261 16.8")]
    public void A_reinvite_lost_with_kamailio_goes_again_under_the_next_CSeq()
    {
        scene.Loses(bob);
        scene.Connects(bob);

        scene.Happens(new LinkRestarted());
        Assert.Equal(3, Sent.Single().CSeq);
        scene.Accepts(bob);

        Assert.Null(Bobs);
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void Who_always_crosses_us_is_removed_in_the_end()
    {
        scene.Loses(bob);

        var sent = 1;
        for (; scene.Participant(bob).Leg.State == LegState.Active; sent++)
        {
            Assert.True(sent < 20);
            scene.Answers(bob, 491);
            scene.After(5);
        }

        Assert.Equal(["bob"], scene.ByesSent);
        Assert.Equal(11, sent);
    }
}
