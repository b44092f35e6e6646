using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.10 SIP BYE request received in an IM Session.</summary>
public class ByeTests
{
    private readonly Scene scene = Scene.Settled(alice, bob, carol);

    [Fact, Trait("Spec", "IM 7.2.1.10/1"), Trait("Spec", "IM 7.2.1.10/2")]
    public void A_bye_gets_200_and_the_leg_is_freed()
    {
        var leg = scene.Participant(bob).Leg.Media.SessionId;

        var effects = scene.Leaves(bob).Effects;

        Assert.Equal(SipStatus.Ok, Assert.IsType<Respond>(effects[0]).Status);
        Assert.Equal(leg, Assert.IsType<CloseLeg>(effects[1]).SessionId);
        Assert.False(scene.Has(bob));
    }

    [Fact, Trait("Spec", "IM 7.2.1.10/3")]
    public void The_others_stay_together()
    {
        scene.Leaves(bob);

        Assert.Empty(scene.ByesSent);
        Assert.Equal(ConferencePhase.Active, scene.Conference!.Phase);
    }

    [Fact, Trait("Spec", "IM 7.2.1.10/3")]
    public void The_last_one_is_removed_with_the_session()
    {
        scene.Leaves(bob);
        scene.Leaves(alice);
        Assert.Equal(["carol"], scene.ByesSent);

        scene.AnswersBye(carol);
        Assert.Equal(ConferencePhase.Released, scene.Conference!.Phase);
        Assert.True(scene.Conference.Participants.IsEmpty);
    }

    [Fact, Trait("Spec", "IM 7.2.1.10/3")]
    public void In_a_session_of_two_either_departure_ends_it()
    {
        foreach (var (leaving, staying) in new[] { (alice, "bob"), (bob, "alice") })
        {
            var two = Scene.Settled(alice, bob);
            two.Leaves(leaving);
            Assert.Equal([staying], two.ByesSent);
        }
    }

    [Fact, Trait("Spec", "IM 7.2.1.10/3")]
    public void Invitees_who_may_still_come_keep_the_session()
    {
        var early = new Scene();
        early.Invites(alice, bob, carol);
        early.Accepts(bob);
        early.Acknowledges(alice);

        early.Leaves(bob);
        Assert.Equal(ConferencePhase.Active, early.Conference!.Phase);
        early.Accepts(carol);
        Assert.True(early.Conference!.IsAttending(carol));
    }

    [Fact, Trait("Spec", "IM 7.2.1.10/3")]
    public void When_nobody_attends_those_who_ring_are_cancelled()
    {
        var early = new Scene();
        early.Invites(alice, bob, carol);
        early.Accepts(bob);
        early.Acknowledges(alice);
        early.Leaves(alice);

        early.Leaves(bob);

        Assert.Equal(early.InviteTo(carol).Key, early.Last.Single<SendCancel>().Invite);
        early.Answers(carol, 487);
        Assert.Equal(ConferencePhase.Released, early.Conference!.Phase);
    }

    [Fact, Trait("Spec", "IM 7.2.1.10/4"), Trait("Spec", "IM 7.2.1.12/term"), Trait("Spec", "IM 7.9.1.1.4/term")]
    public void The_subscription_of_who_leaves_ends_and_the_others_are_told()
    {
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);

        scene.Later(10).Leaves(bob);

        Assert.Equal("terminated;reason=noresource", scene.NotifyTo(bob).SubscriptionState);
        Assert.StartsWith("active", scene.NotifyTo(alice).SubscriptionState, StringComparison.Ordinal);
        var gone = scene.View(alice).Users[bob.Text].Endpoints[0];
        Assert.Equal(
            (EndpointStatus.Disconnected, DisconnectionMethod.Departed), (gone.Status, gone.DisconnectionMethod));
    }

    [Fact, Trait("Spec", "RFC 3261 15.1.2")]
    public void A_bye_on_the_early_dialog_ends_the_waiting_invite()
    {
        var early = new Scene();
        early.Invites(alice, bob);
        early.Rings(bob);

        var decision = early.Leaves(alice);

        Assert.Equal([200, 487], decision.Effects.OfType<Respond>().Select(response => response.Status.Code));
        Assert.Single(decision.Effects.OfType<SendCancel>());
    }

    [Fact, Trait("Spec", "RFC 3261 12.2.2")]
    public void A_dialog_we_do_not_know_gets_481()
    {
        var bye = Bye(scene.Participant(bob)).WithHead(head => head with { CallId = "unknown" });

        Assert.Equal(SipStatus.NoSuchDialog, scene.Arrives(bye).Single<Respond>().Status);
        Assert.Equal(SipStatus.NoSuchDialog, new Scene().Arrives(bye).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 3261 12.2.2")]
    public void A_bye_after_the_bye_gets_481()
    {
        var bye = Bye(scene.Participant(bob));
        scene.Arrives(bye);

        Assert.Equal(SipStatus.NoSuchDialog, scene.Arrives(bye).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 3261 12.2.2")]
    public void A_cseq_that_is_not_higher_gets_500_and_nobody_leaves()
    {
        var bye = Bye(scene.Participant(alice)).WithHead(head => head with { CSeq = 1 });

        Assert.Equal(SipStatus.ServerInternalError, scene.Arrives(bye).Single<Respond>().Status);
        Assert.True(scene.Conference!.IsAttending(alice));
    }

    [Fact, Trait("Spec", "RFC 3261 15.1.2")]
    public void A_bye_that_overtakes_the_200_is_accepted_and_its_sender_does_not_join()
    {
        var early = new Scene();
        early.Invites(alice, bob);
        var bye = EarlyBye(early, bob, "callee");

        Assert.Equal(SipStatus.Ok, early.Arrives(bye).Single<Respond>().Status);
        Assert.True(early.Has(bob));

        var decision = early.Accepts(bob);
        Assert.Equal("callee", decision.Single<SendAck>().ToTag);
        Assert.Empty(early.ByesSent);
        Assert.Empty(decision.Effects.OfType<OpenLeg>());
        Assert.Equal(SipStatus.TemporarilyUnavailable.Code, decision.Single<Respond>().Status.Code);
        Assert.Equal(ConferencePhase.Released, early.Conference!.Phase);
    }

    [Fact, Trait("Spec", "RFC 3261 15.1.2")]
    public void A_bye_of_one_fork_says_nothing_of_another()
    {
        var early = new Scene();
        early.Invites(alice, bob);
        early.Arrives(EarlyBye(early, bob, "phone"));

        early.Accepts(bob, tag: "tablet");

        Assert.True(early.Conference!.IsAttending(bob));
    }

    [Fact, Trait("Spec", "RFC 3261 15.1.2")]
    public void Early_byes_are_not_remembered_without_end()
    {
        var early = new Scene();
        early.Invites(alice, bob);
        for (var fork = 0; fork < 32; fork++)
            Assert.Equal(SipStatus.Ok, early.Arrives(EarlyBye(early, bob, $"f{fork}")).Single<Respond>().Status);

        Assert.Equal(
            SipStatus.NoSuchDialog, early.Arrives(EarlyBye(early, bob, "f32")).Single<Respond>().Status);
    }

    private static ByeRequest EarlyBye(Scene scene, SipUri user, string tag) =>
        new(Inside(scene.Participant(user).Leg with { RemoteTag = tag }, user, "BYE", cseq: 1));
}
