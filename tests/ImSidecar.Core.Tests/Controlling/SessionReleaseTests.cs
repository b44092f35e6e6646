using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.10/3: the release of a session, until it is forgotten.</summary>
public class SessionReleaseTests
{
    private readonly Scene scene = Scene.Settled(alice, bob);

    [Fact, Trait("Spec", "IM 7.9.1.1.6/1")]
    public void Every_subscription_ends_with_the_session()
    {
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);

        scene.Later(1).Leaves(alice);

        Assert.Equal("terminated;reason=noresource", scene.Last.Single<SendNotify>().SubscriptionState);
    }

    [Fact, Trait("Spec", "IM 7.2.1.10/3")]
    public void It_is_released_once_bye_and_last_notify_are_answered()
    {
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);
        scene.Leaves(alice);

        scene.AnswersBye(bob);
        Assert.Equal(ConferencePhase.Releasing, scene.Conference!.Phase);
        scene.AnswersNotify(bob);
        Assert.Equal(ConferencePhase.Released, scene.Conference!.Phase);
    }

    [Fact, Trait("Spec", "IM 7.2.1.10/3")]
    public void It_is_released_though_nobody_answers()
    {
        scene.Subscribes(bob);
        scene.Leaves(alice);

        scene.After(40);

        Assert.Equal(ConferencePhase.Released, scene.Conference!.Phase);
    }

    [Fact, Trait("Spec", "RFC 3261 17")]
    public void It_is_remembered_for_late_messages_and_then_forgotten()
    {
        scene.Leaves(alice);
        scene.AnswersBye(bob);
        Assert.Equal(start + policy.ForgetAfter, ConferenceMachine.NextDue(scene.Conference!));

        scene.After(63);
        Assert.NotNull(scene.Conference);
        scene.After(1);
        Assert.Null(scene.Conference);
    }
}
