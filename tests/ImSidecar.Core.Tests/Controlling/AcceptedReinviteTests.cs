using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>RFC 3261 14.2: a re-INVITE between our 200 and its ACK.</summary>
public class AcceptedReinviteTests
{
    private readonly Scene scene = Scene.Settled(alice, bob, carol);

    private byte[] Moved { get; } = Sdp(dave, setup: "passive");

    [Fact, Trait("Spec", "RFC 3261 13.2.1")]
    public void The_answer_in_the_ack_is_what_the_switch_goes_by()
    {
        scene.Arrives(Reinvite(scene.Participant(alice)));

        var media = scene.Acknowledges(alice, Moved).Single<OpenLeg>().Media;

        Assert.Equal(["msrp://192.0.2.10:7394/leg-of-dave;tcp"], media.RemotePath);
        Assert.True(media.Connects);
        Assert.Equal(media.RemotePath, scene.Participant(alice).Leg.Media.RemotePath);
        Assert.Null(scene.Participant(alice).Leg.Reinvite);
        Assert.Equal(LegState.Active, scene.Participant(alice).Leg.State);
    }

    [Fact, Trait("Spec", "RFC 3261 13.2.1")]
    public void An_answer_that_says_what_was_agreed_leaves_the_switch_alone()
    {
        scene.Arrives(Reinvite(scene.Participant(bob)));

        Assert.Empty(scene.Acknowledges(bob, Sdp(bob, setup: "active")).Effects);
        Assert.Null(scene.Participant(bob).Leg.Reinvite);
    }

    [Theory, Trait("Spec", "RFC 3261 13.2.1")]
    [InlineData("")]
    [InlineData("v=nonsense")]
    public void Without_a_good_answer_the_session_goes_on_as_it_was(string answer)
    {
        var before = scene.Participant(alice).Leg.Media;
        scene.Arrives(Reinvite(scene.Participant(alice)));

        Assert.Empty(scene.Acknowledges(alice, System.Text.Encoding.ASCII.GetBytes(answer)).Effects);
        Assert.Same(before, scene.Participant(alice).Leg.Media);
        Assert.True(scene.Conference!.IsAttending(alice));
    }

    [Theory, Trait("Spec", "RFC 3261 14.2"), Trait("Spec", "RFC 3311 5.2")]
    [InlineData("INVITE", false, 491)]
    [InlineData("INVITE", true, 491)]
    [InlineData("UPDATE", true, 491)]
    [InlineData("UPDATE", false, 200)]
    public void Nobody_offers_while_our_offer_waits_for_its_answer(string method, bool hasOffer, int code)
    {
        scene.Arrives(Reinvite(scene.Participant(alice)));

        var next = Reinvite(scene.Participant(alice), hasOffer ? (ReadOnlyMemory<byte>?)Moved : null)
            .WithHead(head => head with { Method = method, Transaction = "t-next" });

        Assert.Equal(code, scene.Arrives(next).Single<Respond>().Status.Code);
        Assert.True(scene.Participant(alice).Leg.Reinvite!.AwaitsAnswer);
    }

    [Fact, Trait("Spec", "RFC 3261 14.2")]
    public void Without_an_ack_he_is_sent_a_bye_whoever_tells()
    {
        scene.Arrives(Reinvite(scene.Participant(alice), Moved));
        scene.Happens(new AckTimedOut("t-INVITE-alice", scene.Participant(alice).Leg.Dialog));
        Assert.Equal(["alice"], scene.ByesSent);
        Assert.Null(scene.Participant(alice).Leg.Reinvite);

        scene.Arrives(Reinvite(scene.Participant(bob)));
        scene.After(policy.TransactionDeadline.TotalSeconds + 1);
        Assert.Contains("bob", scene.ByesSent);
    }

    [Fact, Trait("Spec", "RFC 3261 14.2")]
    public void With_its_ack_nothing_is_due_any_more()
    {
        scene.Arrives(Reinvite(scene.Participant(alice), Moved));
        scene.Acknowledges(alice);

        scene.After(policy.TransactionDeadline.TotalSeconds + 1);

        Assert.Empty(scene.ByesSent);
    }

    [Theory, Trait("Spec", "RFC 3261 14.1")]
    [InlineData(true)]
    [InlineData(false)]
    public void A_reinvite_that_was_cancelled_or_got_another_answer_changes_nothing(bool isCancelled)
    {
        var before = scene.Participant(alice).Leg.Media;
        scene.Arrives(Reinvite(scene.Participant(alice), Moved));

        var decision = scene.Happens(isCancelled
            ? new InviteCancelled("t-INVITE-alice")
            : new RequestTransactionEnded("t-INVITE-alice", 503));

        Assert.Equal(before.RemotePath, decision.Single<OpenLeg>().Media.RemotePath);
        Assert.Same(before, scene.Participant(alice).Leg.Media);
        Assert.Null(scene.Participant(alice).Leg.Reinvite);
        Assert.True(scene.Conference!.IsAttending(alice));
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void A_refresh_that_was_cancelled_leaves_the_switch_alone()
    {
        var alices = scene.Participant(alice);
        scene.Arrives(Reinvite(alices, alices.Leg.Media.Offer));

        Assert.Empty(scene.Happens(new InviteCancelled("t-INVITE-alice")).Effects);
        Assert.True(scene.Conference!.IsAttending(alice));
    }

    [Fact]
    public void A_restart_of_kamailio_costs_nobody_his_place()
    {
        scene.Arrives(Reinvite(scene.Participant(alice)));
        scene.Happens(new LinkRestarted());

        Assert.Null(scene.Participant(alice).Leg.Reinvite);
        Assert.Empty(scene.After(policy.TransactionDeadline.TotalSeconds + 1).Effects.OfType<SendRequest>());
    }
}
