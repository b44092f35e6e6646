using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Tests.Notifications;

/// <summary>What the answers to NOTIFY mean, RFC 6665 4.2.2.</summary>
public class NotifyOutcomeTests
{
    private readonly Scene scene = Scene.Settled(alice, bob, carol);

    public NotifyOutcomeTests() => scene.Subscribes(bob);

    [Theory, InlineData(481), InlineData(404), InlineData(408), InlineData(503), Trait("Spec", "RFC 6665 4.2.2")]
    public void A_failed_notify_ends_the_subscription(int code)
    {
        scene.AnswersNotify(bob, code);

        Assert.Empty(scene.Conference!.Subscriptions.Values);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.2")]
    public void An_answer_that_asks_for_a_pause_keeps_the_subscription_and_gets_the_full_state_later()
    {
        scene.AnswersNotify(bob, 503, ("Retry-After", "30 (maintenance)"));
        scene.Later(10).Leaves(carol);
        Assert.Empty(scene.Last.Effects.OfType<SendNotify>());

        scene.After(19);
        Assert.Empty(scene.Last.Effects.OfType<SendNotify>());

        scene.After(1);
        Assert.Equal(NotifyScope.Full, scene.Last.Single<SendNotify>().Scope);
    }

    [Theory, Trait("Spec", "RFC 6665 4.2.2")]
    [InlineData(481), InlineData(404), InlineData(405), InlineData(408), InlineData(410), InlineData(416)]
    [InlineData(480), InlineData(482), InlineData(485), InlineData(489), InlineData(501), InlineData(604)]
    public void A_watcher_that_does_not_know_the_dialog_is_not_asked_again(int code)
    {
        scene.AnswersNotify(bob, code, ("Retry-After", "30"));

        Assert.Empty(scene.Conference!.Subscriptions.Values);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.2")]
    public void A_pause_of_nothing_does_not_have_us_ask_again_at_once()
    {
        scene.AnswersNotify(bob, 503, ("Retry-After", "0"));
        Assert.Empty(scene.Last.Effects.OfType<SendNotify>());

        scene.After(4);
        Assert.Empty(scene.Last.Effects.OfType<SendNotify>());

        scene.After(1);
        Assert.Equal(NotifyScope.Full, scene.Last.Single<SendNotify>().Scope);
    }

    [Theory, InlineData(513), InlineData(477), Trait("Spec", "RFC 6665 4.1.3")]
    public void A_document_that_is_too_large_ends_the_subscription_with_a_word(int code)
    {
        scene.AnswersNotify(bob, code);

        var last = scene.Last.Single<SendNotify>();
        Assert.Equal(NotifyScope.Nothing, last.Scope);
        Assert.Equal("terminated;reason=probation;retry-after=3600", last.SubscriptionState);

        scene.AnswersNotify(bob, code);
        Assert.Empty(scene.Conference!.Subscriptions.Values);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.2")]
    public void A_notify_that_nobody_answers_ends_the_subscription()
    {
        scene.After(40);

        Assert.Empty(scene.Conference!.Subscriptions.Values);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.2")]
    public void Provisional_and_stray_answers_change_nothing()
    {
        var before = scene.Conference;
        scene.AnswersNotify(bob, 100);
        Assert.Same(before, scene.Conference);

        scene.AnswersNotify(bob);
        before = scene.Conference;
        scene.AnswersNotify(bob, 481);
        Assert.Same(before, scene.Conference);
    }

    [Fact, Trait("Spec", "RFC 6665 4.1.3")]
    public void An_expired_subscription_ends_with_a_last_notify()
    {
        scene.AnswersNotify(bob);

        scene.After(3600);
        Assert.Equal("terminated;reason=timeout", scene.Last.Single<SendNotify>().SubscriptionState);

        scene.AnswersNotify(bob);
        Assert.Empty(scene.Conference!.Subscriptions.Values);
    }

    [Theory, InlineData(200), InlineData(481), InlineData(503), Trait("Spec", "RFC 6665 4.1.3")]
    public void After_the_last_notify_any_answer_forgets_the_subscription(int code)
    {
        scene.AnswersNotify(bob);
        scene.Later(10).Refreshes(bob, 0);

        scene.AnswersNotify(bob, code, ("Retry-After", "30"));

        Assert.Empty(scene.Conference!.Subscriptions.Values);
    }
}
