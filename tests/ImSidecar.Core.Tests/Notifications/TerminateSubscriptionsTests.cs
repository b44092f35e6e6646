using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Notifications;

/// <summary>IM 7.9.1.1.6 Terminating the subscription.</summary>
public class TerminateSubscriptionsTests
{
    private readonly Scene scene = Scene.Settled(alice, bob, carol);

    private void Watch(params SipUri[] users)
    {
        foreach (var user in users)
        {
            scene.Subscribes(user);
            scene.AnswersNotify(user);
        }
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.6/1")]
    public void All_of_them_end_when_the_session_is_released()
    {
        Watch(alice, bob);

        var ended = TerminateSubscriptions.All(scene.Conference!).Conference!;

        Assert.All(ended.Subscriptions.Values, subscription => Assert.Equal("noresource", subscription.EndReason));
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.6/2")]
    public void Those_of_who_leaves_end_and_those_of_the_others_do_not()
    {
        Watch(alice, bob);

        scene.Leaves(bob);

        Assert.Equal("noresource", scene.Subscription(bob).EndReason);
        Assert.Null(scene.Subscription(alice).EndReason);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.6/2")]
    public void Who_still_attends_keeps_his() =>
        Assert.Same(scene.Conference, TerminateSubscriptions.For(scene.Conference!, scene.Participant(bob)).Conference);

    [Fact, Trait("Spec", "IM 7.9.1.1.6/3")]
    [Trait("Spec", "IM 7.9.1.1.6/3b"), Trait("Spec", "IM 7.9.1.1.6/3a"), Trait("Spec", "IM 7.9.1.1.6/3c")]
    public void The_last_notify_says_that_the_resource_is_gone()
    {
        Watch(bob);

        scene.Later(1).Leaves(bob);

        Assert.Equal("terminated;reason=noresource", scene.Notify.Headers.First("Subscription-State"));
        scene.AnswersNotify(bob);
        Assert.Empty(scene.Conference!.Subscriptions.Values);
    }

    [Fact, Trait("Spec", "RFC 4575 4.4"), Trait("Spec", "IM 7.9.1.1.6/1"), Trait("Spec", "IM 7.9.1.1.5/1")]
    public void The_last_document_of_a_session_that_is_over_says_that_it_is_gone()
    {
        Watch(alice);
        scene.Later(10).Leaves(bob);
        scene.AnswersNotify(alice);

        scene.Later(10).Leaves(carol);

        Assert.Equal(NotifyScope.Gone, scene.Last.Effects.OfType<SendNotify>().Single().Scope);
        Assert.Equal(
            (ElementState.Deleted, 2u, null), (scene.Document.State, scene.Document.Version, scene.Document.Users));
        Assert.Equal(scene.Conference!.SessionIdentity.Text, scene.Document.Entity);
        Assert.Equal("terminated;reason=noresource", scene.Notify.Headers.First("Subscription-State"));
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.6/3")]
    public void A_subscription_that_is_ending_keeps_its_reason()
    {
        Watch(bob);
        scene.Later(10).Refreshes(bob, 0);

        scene.Leaves(bob);

        Assert.Equal("timeout", scene.Subscription(bob).EndReason);
    }
}
