using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>What the operator orders by hand: the end of a session, and of a part in it.</summary>
public class OperatorOrdersTests
{
    private static IEnumerable<string?> Reasons(Scene scene) => scene.Last.Effects.OfType<SendRequest>()
        .Where(each => each.Request.Method == "BYE")
        .Select(each => each.Request.Headers.First("Reason"));

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void A_released_session_sends_everybody_away_and_says_why()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);

        scene.Later(1).Happens(new ReleaseOrdered("Night is \"quiet\""));

        Assert.Equal(["alice", "bob", "carol"], scene.ByesSent);
        Assert.All(Reasons(scene), each => Assert.Equal("SIP;cause=480;text=\"Night is \\\"quiet\\\"\"", each));
        Assert.Equal("terminated;reason=noresource", scene.Last.Single<SendNotify>().SubscriptionState);
        Assert.Equal(ConferencePhase.Releasing, scene.Conference!.Phase);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void Without_a_reason_none_is_told_and_a_session_ends_once()
    {
        var scene = Scene.Settled(alice, bob);

        scene.Happens(new ReleaseOrdered(""));
        Assert.All(Reasons(scene), Assert.Null);

        var before = scene.Conference;
        Assert.Empty(scene.Happens(new ReleaseOrdered("again")).Effects);
        Assert.Same(before, scene.Conference);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void A_session_that_nobody_has_answered_is_refused_to_its_inviter()
    {
        var scene = new Scene();
        scene.Invites(alice, bob);

        scene.Happens(new ReleaseOrdered("x"));

        Assert.Equal(480, scene.Last.Single<Respond>().Status.Code);
        Assert.Single(scene.Last.Effects.OfType<SendCancel>());
    }

    [Fact, Trait("Spec", "IM 7.2.1.9/2"), Trait("Spec", "IM 7.2.1.9/ok-3")]
    public void Who_is_expelled_is_seen_to_be_booted()
    {
        var scene = Scene.Settled(alice, bob, carol, dave);
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);

        scene.Happens(new ExpulsionOrdered(bob, "Spam"));
        Assert.Equal(["bob"], scene.ByesSent);
        Assert.Equal("SIP;cause=403;text=\"Spam\"", Assert.Single(Reasons(scene)));
        scene.Later(10).AnswersBye(bob);

        var left = Assert.Single(scene.Document.Users!.List, user => user.Entity == bob.Text).Endpoints.Single();
        Assert.Equal(DisconnectionMethod.Booted, left.DisconnectionMethod);
    }

    [Fact, Trait("Spec", "IM 7.2.2.9")]
    public void Who_is_expelled_does_not_come_in_again_until_he_is_added()
    {
        var scene = Scene.Settled(alice, bob, carol, dave);
        scene.Happens(new ExpulsionOrdered(bob, ""));
        scene.AnswersBye(bob);

        Assert.Equal(403, scene.Rejoins(bob).Single<Respond>().Status.Code);

        scene.Refers(alice, bob);
        Assert.Contains(scene.Last.Effects.OfType<SendRequest>(), each => each.Request.Method == "INVITE");
    }

    [Fact, Trait("Spec", "IM 7.2.1.9")]
    public void Who_hides_is_found_by_his_alias_and_by_his_address()
    {
        foreach (var isByAlias in new[] { true, false })
        {
            var scene = new Scene();
            scene.Arrives(Invite(alice, bob, carol).With("Privacy", "id"));
            scene.Accepts(bob);
            scene.Accepts(carol);
            scene.Acknowledges(alice);
            Assert.True(SipUri.TryParse(scene.Participant(alice).Entity, out var alias));
            Assert.False(alias.SameAddress(alice));

            scene.Happens(new ExpulsionOrdered(isByAlias ? alias : alice, ""));

            Assert.Equal(["alice"], scene.ByesSent);
        }
    }

    [Fact, Trait("Spec", "IM 7.2.1.9")]
    public void An_invitation_is_cancelled_once_and_who_waits_for_an_answer_takes_the_session_with_him()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);

        scene.Happens(new ExpulsionOrdered(bob, "x"));
        Assert.Single(scene.Last.Effects.OfType<SendCancel>());
        Assert.Empty(scene.Happens(new ExpulsionOrdered(bob, "x")).Effects);

        scene.Happens(new ExpulsionOrdered(alice, "x"));
        Assert.Equal(480, scene.Last.Single<Respond>().Status.Code);
        Assert.Single(scene.Last.Effects.OfType<SendCancel>());
        Assert.True(scene.Conference!.IsOver);
    }

    [Fact, Trait("Spec", "IM 7.2.1.9"), Trait("Spec", "IM 7.2.2.8")]
    public void Why_somebody_is_expelled_is_not_told_to_those_whose_session_ends_with_him()
    {
        // Who only records is in it before the inviter is.
        var scene = new Scene(With(policy with { HistoryFunctions = [carol.PersonKey] }));
        scene.Invites(alice, bob, carol);
        scene.Accepts(carol);

        scene.Happens(new ExpulsionOrdered(alice, "Spam"));

        Assert.Equal(["carol"], scene.ByesSent);
        Assert.Equal("SIP;cause=480", Assert.Single(Reasons(scene)));
    }

    [Fact, Trait("Spec", "IM 7.2.1.9")]
    public void Who_is_not_there_or_goes_already_changes_nothing()
    {
        var scene = Scene.Settled(alice, bob, carol);
        var before = scene.Conference;

        scene.Happens(new ExpulsionOrdered(dave, "x"));
        Assert.Same(before, scene.Conference);

        scene.Happens(new ExpulsionOrdered(bob, "x"));
        Assert.Empty(scene.Happens(new ExpulsionOrdered(bob, "x")).Effects);
    }
}
