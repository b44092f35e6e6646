using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>RFC 5839: who knows the state is not told it again.</summary>
public class ConditionalSubscribeTests
{
    private readonly Scene scene = Scene.Settled(alice, bob, carol, dave);

    private string Tag => scene.Notify.Headers.First("SIP-ETag")!;

    private void Watch(SipUri user)
    {
        scene.Subscribes(user);
        scene.AnswersNotify(user);
        scene.Later(10);
    }

    private SubscribeRequest Refresh(SipUri user, string tag, int? expires = null) =>
        Subscribe(user, expires).With("Suppress-If-Match", tag).WithHead(head => head with
        {
            To = new(head.Uri, null, ";tag=" + scene.Subscription(user).Dialog.LocalTag),
            CSeq = scene.Subscription(user).RemoteCSeq + 1,
        });

    [Fact, Trait("Spec", "RFC 5839 4.4")]
    public void A_refresh_by_who_knows_the_state_gets_204_and_no_notify()
    {
        Watch(bob);

        var decision = scene.Arrives(Refresh(bob, Tag, 600));

        var response = Assert.IsType<Respond>(Assert.Single(decision.Effects));
        Assert.Equal((SipStatus.NoNotification, "600"), (response.Status, response.Headers.First("Expires")));
        Assert.Equal(scene.Facts.Now + TimeSpan.FromSeconds(600), scene.Subscription(bob).ExpiresAt);

        scene.Later(10).Leaves(carol);
        Assert.Equal((NotifyScope.Partial, 1u), (scene.Last.Single<SendNotify>().Scope, scene.Document.Version));
        Assert.Equal(3, scene.View(bob).Roster.Count());
    }

    [Fact, Trait("Spec", "RFC 5839 4.4")]
    public void A_refresh_by_who_knows_an_older_state_is_told_all()
    {
        Watch(bob);
        var old = Tag;
        scene.Leaves(carol);
        scene.AnswersNotify(bob);

        var decision = scene.Later(10).Arrives(Refresh(bob, old));

        Assert.Equal(
            (SipStatus.Ok, NotifyScope.Full), (decision.Single<Respond>().Status, decision.Single<SendNotify>().Scope));
        Assert.NotEqual(old, Tag);
    }

    [Fact, Trait("Spec", "RFC 5839 4.4")]
    public void Who_wants_no_notify_now_is_told_later_what_he_missed()
    {
        Watch(bob);
        scene.Leaves(carol);
        scene.AnswersNotify(bob);
        scene.Later(1).Leaves(dave);

        Assert.Equal(SipStatus.NoNotification, scene.Later(1).Arrives(Refresh(bob, "*")).Single<Respond>().Status);

        scene.After(3);
        Assert.Equal(NotifyScope.Partial, scene.Last.Single<SendNotify>().Scope);
        Assert.Equal(dave.Text, Assert.Single(scene.Document.Users!.List).Entity);
    }

    [Fact, Trait("Spec", "RFC 5839 4.4")]
    public void Who_did_not_take_the_last_document_is_told_all_whatever_he_says_he_knows()
    {
        Watch(bob);
        scene.Leaves(carol);
        scene.AnswersNotify(bob, 503, ("Retry-After", "20"));

        Assert.Equal(NotifyScope.Full, scene.Arrives(Refresh(bob, Tag)).Single<SendNotify>().Scope);
    }

    [Fact, Trait("Spec", "RFC 5839 4.5")]
    public void Who_knows_the_state_ends_his_subscription_in_silence()
    {
        Watch(bob);

        var decision = scene.Arrives(Refresh(bob, "*", 0));

        Assert.Equal(SipStatus.NoNotification, Assert.IsType<Respond>(Assert.Single(decision.Effects)).Status);
        Assert.Empty(scene.Conference!.Subscriptions.Values);
    }

    [Theory, InlineData(true), InlineData(false), Trait("Spec", "RFC 5839 4.3")]
    public void A_new_subscription_of_who_knows_the_state_begins_with_a_notify_without_a_document(bool any)
    {
        Watch(alice);
        var tag = Tag;

        scene.Arrives(Subscribe(bob).With("Suppress-If-Match", any ? "*" : tag));

        Assert.Equal(SipStatus.Ok, scene.Last.Single<Respond>().Status);
        Assert.Equal((NotifyScope.Known, tag), (scene.Last.Single<SendNotify>().Scope, Tag));
        Assert.Equal(
            (0, "active;expires=3600"), (scene.Notify.Body.Length, scene.Notify.Headers.First("Subscription-State")));
        scene.AnswersNotify(bob);

        // No document of this dialog came before it: the first one is whole.
        scene.Later(10).Leaves(carol);
        Assert.Equal((ElementState.Full, 0u), (scene.Document.State, scene.Document.Version));
        Assert.Equal(3, scene.View(bob).Roster.Count());
    }

    [Fact, Trait("Spec", "RFC 5839 4.6")]
    public void Who_fetches_the_state_and_knows_it_gets_a_last_notify_without_a_document()
    {
        Watch(alice);

        scene.Arrives(Subscribe(bob, 0).With("Suppress-If-Match", Tag));

        Assert.Equal(
            (NotifyScope.Known, "terminated;reason=timeout"),
            (scene.Last.Single<SendNotify>().Scope, scene.Last.Single<SendNotify>().SubscriptionState));
        scene.AnswersNotify(bob);
        Assert.Single(scene.Conference!.Subscriptions.Values);
    }

    [Fact, Trait("Spec", "RFC 5839 3")]
    public void The_tag_is_the_same_for_all_who_know_the_same_and_another_after_each_change()
    {
        Watch(alice);
        var first = Tag;
        Watch(bob);
        Assert.Equal(first, Tag);

        scene.Leaves(carol);
        var part = Tag;
        scene.AnswersNotify(alice);
        scene.AnswersNotify(bob);
        scene.Later(10).Refreshes(bob);

        Assert.NotEqual(first, part);
        Assert.Equal(part, Tag);
        Assert.Equal(part, StateTag.Of(scene.Conference!, scene.Conference!.RosterRevision, policy));
    }

    [Fact, Trait("Spec", "RFC 5839 3")]
    public void A_tag_says_nothing_of_another_session_or_of_another_limit()
    {
        Watch(bob);
        var conference = scene.Conference!;
        var other = conference with { SessionIdentity = Uri("sip:other@im.example.com") };

        Assert.NotEqual(Tag, StateTag.Of(other, other.RosterRevision, policy));
        Assert.NotEqual(
            Tag, StateTag.Of(conference, conference.RosterRevision, policy with { MaxAdHocParticipants = 11 }));
    }
}
