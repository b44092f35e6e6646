using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests;

/// <summary>Two things at once, in both orders: either is a history that everybody understands.</summary>
public class RaceTests
{
    private static Scene Chat() => new(With(GroupOfThree));

    [Theory, Trait("Spec", "IM 7.2.1.2/ok-3"), Trait("Spec", "RFC 3261 9.2"), InlineData(true), InlineData(false)]
    public void A_cancel_against_the_200_of_the_invited(bool cancelIsFirst)
    {
        var scene = new Scene();
        scene.Invites(alice, bob);

        if (cancelIsFirst)
            scene.Cancels(alice);
        var accepted = scene.Accepts(bob);
        if (!cancelIsFirst)
            scene.Cancels(alice);

        // First or second, bob is acknowledged and sent away, and alice has no leg.
        Assert.Single(scene.Effects.OfType<SendAck>());
        Assert.Equal(cancelIsFirst, accepted.Effects.OfType<Respond>().All(each => each.Status != SipStatus.Ok));
        scene.AnswersBye(bob);
        Assert.True(scene.Conference!.Participants.IsEmpty);
        Assert.Equal(ConferencePhase.Released, scene.Conference.Phase);
    }

    [Theory, Trait("Spec", "IM 7.2.1.7/9"), InlineData(true), InlineData(false)]
    public void Two_refers_for_one_user_make_one_invitation(bool aliceIsFirst)
    {
        var scene = Scene.Settled(alice, bob, carol);

        scene.Refers(aliceIsFirst ? alice : bob, dave);
        var second = scene.Refers(aliceIsFirst ? bob : alice, dave);

        Assert.Equal(SipStatus.Accepted, second.Single<Respond>().Status);
        Assert.Single(scene.Effects.OfType<SendRequest>(), each =>
            each.Request.Method == "INVITE" && each.Request.Uri.User == dave.User);
        Assert.Equal(2, scene.Conference!.Referrals.Count);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/9"), Trait("Spec", "IM 7.2.1.10/3")]
    public void Who_joins_before_the_last_one_leaves_is_in_the_same_session()
    {
        var scene = Chat();
        scene.Calls(alice);
        scene.Acknowledges(alice);
        var session = scene.Conference!.SessionIdentity;

        scene.Calls(bob);
        scene.Leaves(alice);

        Assert.Equal((session, ConferencePhase.Active), (scene.Conference!.SessionIdentity, scene.Conference.Phase));
        Assert.True(scene.Participant(bob).IsAttending);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/8"), Trait("Spec", "IM 7.2.1.10/3")]
    public void Who_joins_behind_the_last_one_begins_another_session()
    {
        var scene = Chat();
        scene.Calls(alice);
        scene.Acknowledges(alice);
        var session = scene.Conference!.SessionIdentity;

        scene.Leaves(alice);
        scene.Calls(bob);

        Assert.NotEqual(session, scene.Conference!.SessionIdentity);
        Assert.Equal(ConferencePhase.Active, scene.Conference.Phase);
        Assert.True(scene.Participant(bob).IsAttending);
        Assert.False(scene.Has(alice));
    }

    [Theory, Trait("Spec", "IM 7.2.1.11/1"), Trait("Spec", "IM 7.2.1.11/exp"), InlineData(true), InlineData(false)]
    public void A_refresh_that_came_before_the_expiry_wins(bool refreshIsFirst)
    {
        var scene = new Scene();
        scene.Arrives(Invite(alice, bob, carol).With("Supported", "timer").With("Session-Expires", "600"));
        scene.Accepts(bob);
        scene.Accepts(carol);
        scene.Acknowledges(alice);
        var refresh = Reinvite(scene.Participant(alice), scene.Participant(alice).Leg.Media.Offer)
            .With("Supported", "timer").With("Session-Expires", "600");

        // Both at the very moment.
        scene.Later(600);
        var first = refreshIsFirst ? scene.Arrives(refresh) : scene.Happens(new TimeElapsed());
        var second = refreshIsFirst ? scene.Happens(new TimeElapsed()) : scene.Arrives(refresh);

        if (refreshIsFirst)
        {
            Assert.Equal(SipStatus.Ok, first.Single<Respond>().Status);
            Assert.Empty(second.Effects);
            Assert.Equal(scene.Facts.Now.AddSeconds(600), scene.Participant(alice).Leg.SessionExpiresAt);
            return;
        }

        Assert.Equal("BYE", first.Single<SendRequest>().Request.Method);
        Assert.Equal(SipStatus.NoSuchDialog, second.Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "IM 7.2.1.10/3"), Trait("Spec", "RFC 3261 13.2.2.4")]
    public void Who_accepts_when_the_session_is_over_is_acknowledged_and_sent_away()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);
        scene.Accepts(bob);
        scene.Acknowledges(alice);
        scene.Leaves(bob);
        scene.Leaves(alice);

        var late = scene.Accepts(carol);

        Assert.Equal("ACK", late.Single<SendAck>().Key.Method);
        Assert.Equal("BYE", late.Single<SendRequest>().Request.Method);
        Assert.True(scene.Conference!.Participants.IsEmpty);
    }

    [Theory, Trait("Spec", "IM 7.2.1.3/9"), InlineData(true), InlineData(false)]
    public void Two_who_call_an_arranged_group_at_once_meet(bool aliceIsFirst)
    {
        var scene = new Scene(With(GroupOfThree with { InvitesMembers = true }));
        var (first, second) = aliceIsFirst ? (alice, bob) : (bob, alice);

        scene.Calls(first);
        var joined = scene.Calls(second);

        // The second call answers both, and nobody rings him any more.
        Assert.Equal(2, joined.Effects.OfType<Respond>().Count(each => each.Status == SipStatus.Ok));
        Assert.Single(joined.Effects.OfType<SendCancel>());
        Assert.Equal(2, scene.Conference!.Participants.Values.Count(each => each.IsAttending));
    }
}
