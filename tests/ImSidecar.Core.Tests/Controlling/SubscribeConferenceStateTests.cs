using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.12 Subscribing to Participant information.</summary>
public class SubscribeConferenceStateTests
{
    private static void AssertRefused(Decision decision, Conference? conference, SipStatus status, string warning)
    {
        var response = Assert.IsType<Respond>(Assert.Single(decision.Effects));
        Assert.Equal((status, warning), (response.Status, response.Warning));
        Assert.Same(conference, decision.Conference);
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/1")]
    [Trait("Spec", "IM 7.2.1.12/2"), Trait("Spec", "IM 7.9.1.1.4/1"), Trait("Spec", "IM 7.9.1.1.4/2")]
    public void A_session_that_does_not_exist_gets_404() =>
        AssertRefused(
            SubscribeConferenceState.OnSubscribe(null, Subscribe(from: bob), NoFacts),
            null, SipStatus.NotFound, "Conference URI does not exist");

    [Fact, Trait("Spec", "IM 7.2.1.12/1"), Trait("Spec", "IM 7.9.1.1.6/1")]
    public void A_released_session_gets_404()
    {
        var released = AdHocConference(alice, bob) with { Phase = ConferencePhase.Releasing };

        AssertRefused(
            SubscribeConferenceState.OnSubscribe(released, Subscribe(from: bob), NoFacts),
            released, SipStatus.NotFound, "Conference URI does not exist");
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.4/3")]
    public void Without_the_feature_tag_403_if_the_operator_wants_it()
    {
        var conference = AdHocConference(alice, bob);
        var facts = With(policy with { RequireAcceptContact = true });

        AssertRefused(
            SubscribeConferenceState.OnSubscribe(conference, Subscribe(from: bob), facts),
            conference, SipStatus.Forbidden, "Accept-Contact lacks +g.oma.sip-im");

        var tagged = Subscribe(from: bob).With("Accept-Contact", "*;+g.oma.sip-im;require;explicit");
        Assert.Equal(
            SipStatus.Ok, SubscribeConferenceState.OnSubscribe(conference, tagged, facts).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.4/3")]
    public void Without_the_feature_tag_it_is_accepted_otherwise() =>
        Assert.Equal(SipStatus.Ok, Scene.Settled(alice, bob).Subscribes(bob).Single<Respond>().Status);

    [Fact, Trait("Spec", "IM 7.2.1.12/3"), Trait("Spec", "IM 7.9.1.1.4/4")]
    public void A_subscriber_nobody_vouches_for_gets_403()
    {
        var conference = AdHocConference(alice, bob);
        var request = Subscribe(from: bob).WithHead(head => head with { Identities = [] });

        AssertRefused(
            SubscribeConferenceState.OnSubscribe(conference, request, NoFacts),
            conference, SipStatus.Forbidden, "Originator not authenticated");
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/4")]
    public void A_user_who_does_not_attend_gets_403_with_a_warning()
    {
        var conference = AdHocConference(alice, bob);

        AssertRefused(
            SubscribeConferenceState.OnSubscribe(conference, Subscribe(from: carol), NoFacts),
            conference, SipStatus.Forbidden, "Not a participant");
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/4")]
    public void An_invitee_who_has_not_accepted_does_not_attend()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);
        scene.Accepts(bob);
        scene.Rings(carol);

        Assert.Equal(SipStatus.Forbidden, scene.Subscribes(carol).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 3261 8.1.1.8")]
    public void A_subscribe_without_contact_gets_400()
    {
        var conference = AdHocConference(alice, bob);
        var request = Subscribe(from: bob).WithHead(head => head with { Contact = null });

        AssertRefused(
            SubscribeConferenceState.OnSubscribe(conference, request, NoFacts),
            conference, SipStatus.BadRequest, "Contact is missing");
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/5")]
    [Trait("Spec", "IM 7.2.1.12/5a"), Trait("Spec", "IM 7.9.1.1.4/6"), Trait("Spec", "IM 7.9.1.1.4/7")]
    [Trait("Spec", "IM 7.9.1.1.4/11")]
    public void A_participant_gets_200_and_a_subscription()
    {
        var scene = Scene.Settled(alice, bob);

        var response = scene.Subscribes(bob, 600).Single<Respond>();

        Assert.Equal(
            (SipStatus.Ok, "600", true), (response.Status, response.Headers.First("Expires"), response.RecordRoute));
        var subscription = scene.Subscription(bob);
        Assert.Equal(start + TimeSpan.FromSeconds(600), subscription.ExpiresAt);
        Assert.Equal(new DialogId("subscription-of-bob", "local-bob", "from-bob"), subscription.Dialog);
    }

    [Theory, InlineData(null, "3600"), InlineData(100_000, "3600"), InlineData(60, "60")]
    [Trait("Spec", "RFC 6665 4.2.1.1")]
    public void The_duration_is_what_was_asked_for_and_never_above_the_maximum(int? asked, string granted) =>
        Assert.Equal(
            granted, Scene.Settled(alice, bob).Subscribes(bob, asked).Single<Respond>().Headers.First("Expires"));

    [Fact, Trait("Spec", "IM 7.2.1.12/6"), Trait("Spec", "IM 7.2.1.12/7"), Trait("Spec", "IM 7.9.1.1.4/8")]
    public void The_contact_of_the_200_is_ours() =>
        Assert.Equal(
            "<sip:c0ffee@im.example.com>;isfocus;+g.oma.sip-im",
            Scene.Settled(alice, bob).Subscribes(bob).Single<Respond>().Headers.First("Contact"));

    [Fact, Trait("Spec", "IM 7.9.1.1.4/5"), Trait("Spec", "IM 7.2.1.12/4")]
    public void Whom_the_document_of_his_group_does_not_let_gets_403()
    {
        var scene = new Scene(With(GroupOfThree with
        {
            Rules = GroupXml.OfMembers.Replace(
                "<allow-conference-state>true", "<allow-conference-state>false", StringComparison.Ordinal),
        }));
        scene.Calls(alice);
        scene.Acknowledges(alice);

        var response = scene.Subscribes(alice).Single<Respond>();

        Assert.Equal(403, response.Status.Code);
        Assert.Contains("allow-conference-state", response.Warning, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.4/9b")]
    public void The_200_asserts_the_group_where_there_is_one()
    {
        var scene = new Scene(With(GroupOfThree));
        scene.Calls(alice);
        scene.Acknowledges(alice);

        Assert.Equal(
            "<sip:skiers@groups.example.com>",
            scene.Subscribes(alice).Single<Respond>().Headers.First("P-Asserted-Identity"));
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.4/9"), Trait("Spec", "IM 7.9.1.1.4/10"), Trait("Spec", "IM 7.9.1.1.4/9a")]
    public void The_200_asserts_the_factory_and_supports_norefersub()
    {
        var response = Scene.Settled(alice, bob).Subscribes(bob).Single<Respond>();

        Assert.Equal("<sip:conf-factory@im.example.com>", response.Headers.First("P-Asserted-Identity"));
        Assert.True(response.Headers.HasToken("Supported", "norefersub"));
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/8")]
    [Trait("Spec", "IM 7.2.1.12/9"), Trait("Spec", "IM 7.9.1.1.4/12"), Trait("Spec", "IM 7.9.1.1.4/13")]
    public void The_first_notify_follows_the_200_at_once()
    {
        var effects = Scene.Settled(alice, bob).Subscribes(bob).Effects;

        Assert.IsType<Respond>(effects[0]);
        Assert.Equal(0u, Assert.IsType<SendNotify>(effects[1]).Version);
        Assert.Equal(2, effects.Length);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.1.4")]
    public void Who_asks_for_no_duration_gets_the_state_once()
    {
        var scene = Scene.Settled(alice, bob);

        scene.Subscribes(bob, 0);

        Assert.Equal("terminated;reason=timeout", scene.Last.Single<SendNotify>().SubscriptionState);
        Assert.Equal(2, scene.Document.Users!.List.Length);
        scene.AnswersNotify(bob);
        Assert.Empty(scene.Conference!.Subscriptions.Values);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.1.4")]
    public void A_refresh_prolongs_and_takes_over_the_new_contact()
    {
        var scene = Scene.Settled(alice, bob);
        scene.Subscribes(bob, 600);
        scene.AnswersNotify(bob);

        scene.Later(500).Refreshes(bob, 700);

        Assert.Equal(start + TimeSpan.FromSeconds(1200), scene.Subscription(bob).ExpiresAt);
        Assert.False(scene.Last.Single<Respond>().RecordRoute);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.1.4")]
    public void Who_unsubscribes_gets_one_last_notify()
    {
        var scene = Scene.Settled(alice, bob);
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);

        scene.Later(1).Refreshes(bob, 0);

        Assert.Equal("0", scene.Last.Single<Respond>().Headers.First("Expires"));
        Assert.Equal("terminated;reason=timeout", scene.Last.Single<SendNotify>().SubscriptionState);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.1.4")]
    public void Who_unsubscribes_before_he_answered_the_first_notify_gets_the_last_one_behind_it()
    {
        var scene = Scene.Settled(alice, bob);
        scene.Subscribes(bob);

        Assert.Empty(scene.Refreshes(bob, 0).Effects.OfType<SendNotify>());
        Assert.Equal("terminated;reason=timeout", scene.AnswersNotify(bob).Single<SendNotify>().SubscriptionState);
        scene.AnswersNotify(bob);
        Assert.Empty(scene.Conference!.Subscriptions.Values);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.1.1")]
    public void A_subscribe_that_is_repeated_after_its_transaction_goes_on_with_the_same_subscription()
    {
        var scene = Scene.Settled(alice, bob);
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);

        var again = scene.Later(6).Arrives(Subscribe(bob).WithHead(head => head with { Transaction = "t-again" }));

        Assert.Equal(("t-again", SipStatus.Ok), (again.Single<Respond>().Transaction, again.Single<Respond>().Status));
        Assert.Equal((2L, 1u), (again.Single<SendNotify>().Key.CSeq, again.Single<SendNotify>().Version));
    }

    [Fact, Trait("Spec", "RFC 3261 8.2.2.2")]
    public void A_subscribe_that_comes_by_a_second_way_makes_no_second_subscription()
    {
        var scene = Scene.Settled(alice, bob);
        scene.Subscribes(bob);
        var forked = Subscribe(bob).WithHead(head => head with { Transaction = "t-fork", LocalTag = "local-fork" });

        AssertRefused(scene.Arrives(forked), scene.Conference, SipStatus.LoopDetected, "Request was received before");

        // The same dialog names of another request are another subscription, and so are those of another user.
        var another = forked.WithHead(head => head with { CSeq = 7 });
        Assert.Equal(SipStatus.Ok, scene.Arrives(another).Single<Respond>().Status);
        var alices = forked.WithHead(head => head with { LocalTag = "local-alice", Identities = [new(alice)] });
        Assert.Equal(SipStatus.Ok, scene.Arrives(alices).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.1.3")]
    public void A_subscriber_who_takes_other_bodies_only_gets_406_that_names_ours()
    {
        var scene = Scene.Settled(alice, bob);

        var response = scene.Arrives(Subscribe(bob).With("Accept", "application/pidf+xml, text/*")).Single<Respond>();

        Assert.Equal(
            (SipStatus.NotAcceptable, "application/conference-info+xml"),
            (response.Status, response.Headers.First("Accept")));
    }

    [Theory, Trait("Spec", "RFC 6665 4.2.1.3")]
    [InlineData("application/pidf+xml, Application/Conference-Info+XML;q=0.5")]
    [InlineData("application/*")]
    [InlineData("*/*;q=0.1")]
    public void One_who_takes_ours_too_is_told(string accept) => Assert.Equal(
        SipStatus.Ok,
        Scene.Settled(alice, bob).Arrives(Subscribe(bob).With("Accept", accept)).Single<Respond>().Status);

    [Fact, Trait("Spec", "RFC 6665 4.2.1.3")]
    public void One_who_takes_ours_last_of_all_things_gets_406() => Assert.Equal(
        SipStatus.NotAcceptable,
        Scene.Settled(alice, bob).Arrives(Subscribe(bob).With("Accept", "application/conference-info+xml;q=0"))
            .Single<Respond>().Status);

    [Fact, Trait("Spec", "IM 7.2.1.12/4")]
    public void One_more_than_the_node_holds_gets_403_and_a_refresh_does_not()
    {
        var scene = Scene.Settled(alice, bob);
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);
        scene.Facts = With(policy with { MaxSubscriptions = 1 }) with { SubscriptionsOfNode = 1 };

        AssertRefused(scene.Subscribes(alice), scene.Conference, SipStatus.Forbidden, "Too many subscriptions");
        Assert.Equal(SipStatus.Ok, scene.Later(10).Refreshes(bob).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 6665 8.2.2")]
    public void The_200_names_the_packages_there_are() => Assert.Equal(
        "conference", Scene.Settled(alice, bob).Subscribes(bob).Single<Respond>().Headers.First("Allow-Events"));

    [Fact, Trait("Spec", "RFC 3261 12.2.2")]
    public void A_subscribe_that_is_repeated_by_another_user_or_after_its_end_gets_481()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Subscribes(bob);
        var copied = Subscribe(bob).WithHead(head => head with { Identities = [new(alice)] });
        Assert.Equal(SipStatus.NoSuchDialog, scene.Arrives(copied).Single<Respond>().Status);

        scene.Leaves(bob);
        Assert.Equal(SipStatus.NoSuchDialog, scene.Subscribes(bob).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 3261 12.2.2")]
    public void A_refresh_of_what_we_do_not_know_gets_481()
    {
        var scene = Scene.Settled(alice, bob);
        var request = Subscribe(bob).WithHead(head => head with { To = new(head.Uri, null, ";tag=unknown") });

        Assert.Equal(SipStatus.NoSuchDialog, scene.Arrives(request).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 6665 4.4.1")]
    public void A_refresh_with_another_id_gets_481()
    {
        var scene = Scene.Settled(alice, bob);
        scene.Subscribes(bob);
        var known = scene.Subscription(bob);
        var request = Subscribe(bob).WithHead(head => head with
        {
            To = new(head.Uri, null, ";tag=" + known.Dialog.LocalTag),
            CSeq = known.RemoteCSeq + 1,
        });

        Assert.Equal(SipStatus.NoSuchDialog, scene.Arrives(request with { EventId = "7" }).Single<Respond>().Status);
        Assert.Equal(SipStatus.Ok, scene.Arrives(request).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 3261 12.2.2")]
    public void A_refresh_of_an_ended_subscription_gets_481()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Subscribes(bob);
        scene.Leaves(bob);

        Assert.Equal(SipStatus.NoSuchDialog, scene.Refreshes(bob).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 3261 12.2.2")]
    public void A_lower_cseq_gets_500()
    {
        var scene = Scene.Settled(alice, bob);
        scene.Subscribes(bob);
        var request =
            Subscribe(bob).WithHead(head => head with { To = new(head.Uri, null, ";tag=local-bob"), CSeq = 1 });

        Assert.Equal(SipStatus.ServerInternalError, scene.Arrives(request).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.1.3")]
    public void Another_event_package_gets_489_that_names_ours()
    {
        var response = Scene.Settled(alice, bob).Arrives(Subscribe(bob) with { Event = "presence" }).Single<Respond>();

        Assert.Equal((SipStatus.BadEvent, "conference"), (response.Status, response.Headers.First("Allow-Events")));
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.1.1")]
    public void An_hour_is_never_too_short()
    {
        var scene = Scene.Settled(With(policy with { MinSubscriptionDuration = TimeSpan.FromHours(2) }), alice, bob);

        Assert.Equal(SipStatus.IntervalTooBrief, scene.Subscribes(bob, 3599).Single<Respond>().Status);
        Assert.Equal(SipStatus.Ok, scene.Subscribes(bob, 3600).Single<Respond>().Status);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.1.1")]
    public void A_duration_that_is_too_short_gets_423_with_the_least()
    {
        var response = Scene.Settled(alice, bob).Subscribes(bob, 30).Single<Respond>();

        Assert.Equal((SipStatus.IntervalTooBrief, "60"), (response.Status, response.Headers.First("Min-Expires")));
    }
}
