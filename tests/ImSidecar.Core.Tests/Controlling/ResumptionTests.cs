using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>What a restart of the node or of Kamailio leaves open.</summary>
public class ResumptionTests
{
    [Fact, Trait("Spec", "RFC 4975 4.1")]
    public void A_started_node_opens_the_legs_again_and_changes_nothing()
    {
        var scene = Scene.Settled(alice, bob, carol);
        var before = scene.Conference;

        var decision = scene.Happens(new NodeStarted());

        Assert.Equal(
            before!.InOrder().Select(participant => participant.Leg.Media.SessionId),
            decision.Effects.OfType<OpenLeg>().Select(open => open.Media.SessionId));
        Assert.Equal(3, decision.Effects.Length);
        Assert.Same(before, scene.Conference);
    }

    [Fact, Trait("Spec", "RFC 4975 4.1")]
    public void A_started_node_opens_no_leg_that_waits_or_ends()
    {
        var scene = new Scene();
        scene.Invites(alice, bob);
        var bobs = scene.Participant(bob).Leg.Media.SessionId;

        Assert.Equal(bobs, scene.Happens(new NodeStarted()).Single<OpenLeg>().Media.SessionId);

        var ending = Scene.Settled(alice, bob);
        ending.Leaves(alice);
        Assert.Empty(ending.Happens(new NodeStarted()).Effects);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.2")]
    public void A_notify_that_was_answered_while_the_node_was_away_keeps_its_subscription()
    {
        var scene = Scene.Settled(alice, bob);
        scene.Subscribes(alice);

        scene.Later(300).Happens(new NodeStarted());
        scene.After(1);
        scene.AnswersNotify(alice);

        Assert.Null(scene.Subscription(alice).AnswerBy);
    }

    [Fact, Trait("Spec", "RFC 3261 13.3.1.4")]
    public void Who_never_answers_is_given_up_after_a_restart_too()
    {
        var scene = new Scene();
        scene.Invites(alice, bob);
        scene.Accepts(bob);

        scene.Later(300).Happens(new NodeStarted());
        scene.After(41);

        Assert.Equal(["alice"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "RFC 3261 16.8")]
    public void A_kamailio_that_restarted_lost_the_waiting_invite_and_the_invitations()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);

        scene.Happens(new LinkRestarted());

        Assert.Empty(scene.Last.Effects.OfType<Respond>());
        Assert.Equal(ConferencePhase.Released, scene.Conference!.Phase);
        Assert.Equal(3, scene.Last.Effects.OfType<CloseLeg>().Count());
    }

    [Fact, Trait("Spec", "RFC 3261 16.8")]
    public void Those_who_attend_stay_and_those_who_rang_are_lost()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol, dave);
        scene.Accepts(bob);
        scene.Acknowledges(alice);
        scene.Accepts(carol);

        scene.Happens(new LinkRestarted());

        Assert.Equal(ConferencePhase.Active, scene.Conference!.Phase);
        Assert.Equal(3, scene.Conference.Participants.Count);
    }

    [Fact, Trait("Spec", "RFC 3261 16.8")]
    public void Who_waits_at_one_kamailio_is_not_lost_with_another_one()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);
        var before = scene.Conference;

        scene.Happens(new LinkRestarted { Boot = "another", EndsOurs = false });

        Assert.Same(before, scene.Conference);
        Assert.Empty(scene.Last.Effects);
    }

    [Fact, Trait("Spec", "RFC 3261 16.8")]
    public void Who_rings_by_one_kamailio_is_lost_with_it_though_the_inviter_waits_at_another_one()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);
        scene.Accepts(carol);

        scene.Happens(new LinkRestarted { Boot = "another" });

        Assert.Equal(ConferencePhase.Active, scene.Conference!.Phase);
        Assert.Equal(["alice", "carol"], scene.Conference.InOrder().Select(each => each.Address.User).Order(StringComparer.Ordinal));
    }

    [Fact, Trait("Spec", "RFC 3261 16.8")]
    public void A_settled_session_survives_both_restarts_with_its_dialogs()
    {
        var scene = Scene.Settled(alice, bob, carol);
        var dialogs = scene.Conference!.InOrder().Select(participant => participant.Leg.Dialog).ToList();

        scene.Happens(new NodeStarted());
        scene.Happens(new LinkRestarted());

        Assert.Equal(dialogs, scene.Conference!.InOrder().Select(participant => participant.Leg.Dialog));
    }

    [Fact, Trait("Spec", "RFC 3261 16.8")]
    public void A_notify_in_flight_goes_again_in_full_with_a_cseq_of_its_own()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Subscribes(bob);
        var lost = scene.NotifyTo(bob);

        scene.Happens(new LinkRestarted());

        Assert.Equal(2, scene.Notify.CSeq);
        Assert.Equal(ElementState.Full, scene.Document.State);
        Assert.Null(new NotifyRequests(scene.Conference!, policy).Render(lost));
        scene.AnswersNotify(bob);
        Assert.Null(scene.Subscription(bob).AnswerBy);
    }

    [Fact, Trait("Spec", "RFC 3261 16.8")]
    public void A_last_notify_in_flight_is_the_last_one_again()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Subscribes(bob, expires: 0);

        scene.Happens(new LinkRestarted());

        Assert.Equal("terminated;reason=timeout", scene.Notify.Headers.First("Subscription-State"));
        scene.AnswersNotify(bob);
        Assert.Empty(scene.Conference!.Subscriptions.Values);
    }

    [Fact, Trait("Spec", "RFC 3261 15.1.1")]
    public void Who_rings_when_kamailio_dies_gets_a_bye_in_the_early_dialog()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);
        scene.Rings(bob);

        scene.Happens(new LinkRestarted());

        var bye = Assert.Single(scene.Last.Effects.OfType<SendRequest>());
        Assert.Equal(("BYE", 2L, "callee", scene.InviteTo(bob).Request.CallId),
            (bye.Request.Method, bye.Request.CSeq, bye.Request.ToTag, bye.Request.CallId));
        Assert.Equal("bob", bye.Request.Uri.User);
        Assert.Equal(
            ["<sip:theirs.example.com;lr>", "<sip:ours.example.com;lr>"], bye.Request.Headers.Values("Route"));
        Assert.True(scene.Conference!.Participants.IsEmpty);
    }

    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public void Who_answers_after_all_is_acknowledged_and_sent_away_by_the_next_request_of_the_dialog()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);
        scene.Rings(bob);
        scene.Happens(new LinkRestarted());
        var early = scene.ByeTo(bob);

        var invite = scene.InviteTo(bob);
        scene.Happens(new ResponseArrived(invite.Key, Response(invite, 200)) { IsStray = true });

        var ack = scene.Last.Single<SendAck>();
        Assert.Equal((invite.Key, "callee", invite.Request.CallId), (ack.Invite, ack.ToTag, ack.CallId));
        Assert.Equal(3, scene.ByeTo(bob).Request.CSeq);
        Assert.NotEqual(early.Key, scene.ByeTo(bob).Key);
    }

    [Fact, Trait("Spec", "RFC 3261 13.2.2.4")]
    public void A_copy_of_an_accepted_answer_that_kamailio_no_longer_knows_is_acknowledged_again()
    {
        var scene = new Scene();
        scene.Invites(alice, bob);
        scene.Accepts(bob);
        var invite = scene.InviteTo(bob);
        var first = scene.Last.Single<SendAck>();
        scene.Happens(new LinkRestarted());

        scene.Happens(new ResponseArrived(invite.Key, Response(invite, 200)) { IsStray = true });

        Assert.Equal(first.Key, scene.Last.Single<SendAck>().Key);
        Assert.Empty(scene.ByesSent);
        scene.Happens(new ResponseArrived(invite.Key, Response(invite, 200)));
        Assert.Empty(scene.Last.Effects);
    }

    [Fact, Trait("Spec", "RFC 3261 16.8")]
    public void Who_is_left_alone_by_the_loss_gets_one_bye()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);
        scene.Rings(bob);
        scene.Accepts(carol);
        scene.Acknowledges(alice);
        scene.Leaves(alice);

        scene.Happens(new LinkRestarted());

        Assert.Equal(["bob", "carol"], scene.ByesSent);
        Assert.Equal(2, scene.ByeTo(carol).Request.CSeq);
    }

    [Fact, Trait("Spec", "RFC 3261 16.8")]
    public void A_bye_in_flight_goes_again_with_a_cseq_of_its_own()
    {
        var scene = Scene.Settled(alice, bob);
        scene.Leaves(alice);
        var lost = scene.ByeTo(bob);

        scene.Happens(new LinkRestarted());

        Assert.Equal(lost.Request.CSeq + 1, scene.ByeTo(bob).Request.CSeq);
        scene.AnswersBye(bob);
        Assert.Equal(ConferencePhase.Released, scene.Conference!.Phase);
    }
}
