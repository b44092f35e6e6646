using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>What becomes of an INVITE we answered; RFC 3261 13.3.1.4 and 9.2.</summary>
public class AnsweredLegTests
{
    private readonly Scene scene = new();

    [Fact, Trait("Spec", "RFC 3261 13.3.1.4")]
    public void The_ack_makes_the_leg_active()
    {
        scene.Invites(alice, bob);
        scene.Accepts(bob);

        scene.Acknowledges(alice);

        var leg = scene.Participant(alice).Leg;
        Assert.Equal((LegState.Active, null, null, null), (leg.State, leg.Transaction, leg.Accepted, leg.Deadline));
        Assert.Empty(scene.Last.Effects);
    }

    [Fact, Trait("Spec", "RFC 3261 13.3.1.4")]
    public void An_ack_that_names_only_its_dialog_is_found()
    {
        scene.Invites(alice, bob);
        scene.Accepts(bob);

        scene.Happens(new InviteAcknowledged(null, scene.Participant(alice).Leg.Dialog, default));

        Assert.Equal(LegState.Active, scene.Participant(alice).Leg.State);
    }

    [Fact, Trait("Spec", "RFC 3261 13.3.1.4")]
    public void A_second_ack_and_one_of_nobody_change_nothing()
    {
        scene.Invites(alice, bob);
        scene.Accepts(bob);
        scene.Acknowledges(alice);
        var before = scene.Conference;

        scene.Acknowledges(alice);
        scene.Happens(new InviteAcknowledged("t-unknown", new("x", "y", "z"), default));

        Assert.Same(before, scene.Conference);
    }

    [Theory, InlineData(""), InlineData("v=0"), Trait("Spec", "RFC 3264 6")]
    public void An_ack_without_a_good_answer_to_our_offer_ends_the_session(string answer)
    {
        scene.Arrives(Invite(alice, bob) with { Offer = null });
        scene.Accepts(bob);

        scene.Acknowledges(alice, System.Text.Encoding.UTF8.GetBytes(answer));
        Assert.Equal(["alice"], scene.ByesSent);

        scene.AnswersBye(alice);
        Assert.Equal(["bob"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "RFC 3261 13.3.1.4")]
    public void Without_an_ack_the_inviter_is_sent_a_bye()
    {
        scene.Invites(alice, bob, carol);
        scene.Accepts(bob);

        scene.Happens(new AckTimedOut("t-INVITE-alice", scene.Participant(alice).Leg.Dialog));

        Assert.Equal(["alice"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "RFC 3261 13.3.1.4")]
    public void Nobody_tells_us_of_the_missing_ack_so_our_own_deadline_does()
    {
        scene.Invites(alice, bob, carol);
        scene.Accepts(bob);
        scene.Accepts(carol);

        scene.After(40);

        Assert.Equal(["alice"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "RFC 3261 9.2")]
    public void A_cancel_while_everybody_rings_cancels_them_all_and_nobody_gets_a_bye()
    {
        scene.Invites(alice, bob, carol);
        scene.Rings(bob);

        var decision = scene.Cancels(alice);

        Assert.Equal(2, decision.Effects.OfType<SendCancel>().Count());
        Assert.Empty(decision.Effects.OfType<Respond>());
        Assert.Empty(scene.ByesSent);
        Assert.Equal(ConferencePhase.Releasing, scene.Conference!.Phase);

        scene.Answers(bob, 487);
        scene.Answers(carol, 487);
        Assert.Equal(ConferencePhase.Released, scene.Conference!.Phase);
        Assert.Single(scene.Effects.OfType<Respond>());
    }

    [Fact, Trait("Spec", "RFC 3261 9.2")]
    public void A_cancel_that_won_against_our_200_takes_the_inviter_out_and_ends_a_session_of_two()
    {
        scene.Invites(alice, bob);
        scene.Accepts(bob);

        scene.Happens(new RequestTransactionEnded("t-INVITE-alice", 487));

        Assert.Equal(["bob"], scene.ByesSent);
        Assert.False(scene.Has(alice));
    }

    [Fact, Trait("Spec", "RFC 3261 9.2")]
    public void A_cancel_of_what_is_answered_and_acknowledged_changes_nothing()
    {
        scene.Invites(alice, bob);
        scene.Accepts(bob);
        scene.Acknowledges(alice);
        var before = scene.Conference;

        Assert.Empty(scene.Cancels(alice).Effects);
        Assert.Same(before, scene.Conference);
    }
}
