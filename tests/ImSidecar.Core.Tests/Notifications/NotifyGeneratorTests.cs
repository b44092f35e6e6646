using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.Core.Tests.Notifications;

/// <summary>IM 7.9.1.1.5: who is told what, when, and from which state on.</summary>
public class NotifyGeneratorTests
{
    private readonly Scene scene = Scene.Settled(alice, bob, carol, dave);

    [Fact, Trait("Spec", "IM 7.9.1.1.5/partial")]
    public void The_first_notify_of_a_subscription_is_full()
    {
        scene.Subscribes(bob);

        Assert.Equal(NotifyScope.Full, scene.Last.Single<SendNotify>().Scope);
        Assert.Equal(ElementState.Full, scene.Document.State);
        Assert.Equal(4, scene.Document.Users!.List.Length);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/partial")]
    [Trait("Spec", "IM 7.2.1.12/change"), Trait("Spec", "IM 7.9.1.1.4/change")]
    public void A_change_is_told_in_part()
    {
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);
        scene.Later(10).Leaves(carol);

        Assert.Equal(NotifyScope.Partial, scene.Last.Single<SendNotify>().Scope);
        Assert.Equal((ElementState.Partial, ElementState.Partial), (scene.Document.State, scene.Document.Users!.State));
        Assert.Equal(carol.Text, Assert.Single(scene.Document.Users.List).Entity);
    }

    [Fact, Trait("Spec", "RFC 4575 4.6")]
    public void Versions_count_up_in_each_subscription_by_itself()
    {
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);
        scene.Later(10).Leaves(carol);
        scene.AnswersNotify(bob);
        Assert.Equal(1u, scene.Document.Version);

        scene.Subscribes(alice);
        Assert.Equal(0u, scene.Document.Version);
        scene.AnswersNotify(alice);

        scene.Later(10).Refreshes(bob);
        Assert.Equal(2u, scene.Document.Version);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/rate")]
    public void Changes_within_the_rate_limit_wait_and_go_together()
    {
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);

        scene.Later(1).Leaves(carol);
        scene.Later(1).Leaves(dave);
        Assert.Single(scene.Effects.OfType<SendNotify>());
        Assert.Equal(start + policy.NotifyInterval, ConferenceMachine.NextDue(scene.Conference!));

        scene.After(3);
        Assert.Equal(
            ["sip:carol@example.net", "sip:dave@example.net"], scene.Document.Users!.List.Select(user => user.Entity));
        Assert.Equal(2, scene.Effects.OfType<SendNotify>().Count());
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/rate")]
    public void After_a_quiet_time_a_change_is_told_at_once()
    {
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);

        Assert.Single(scene.Later(6).Leaves(carol).Effects.OfType<SendNotify>());
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2c-ii-B")]
    public void Who_joins_and_leaves_between_two_notifies_is_reported_disconnected_once()
    {
        var meanwhile = new Scene();
        meanwhile.Invites(alice, bob, carol, dave);
        meanwhile.Accepts(bob);
        meanwhile.Acknowledges(alice);
        meanwhile.Subscribes(bob);
        meanwhile.AnswersNotify(bob);

        meanwhile.Later(1).Accepts(carol);
        meanwhile.Later(1).Leaves(carol);
        meanwhile.After(3);
        var user = Assert.Single(meanwhile.Document.Users!.List);
        Assert.Equal((carol.Text, EndpointStatus.Disconnected), (user.Entity, user.Endpoints[0].Status));
        meanwhile.AnswersNotify(bob);

        meanwhile.Later(10).Accepts(dave);
        Assert.Equal(dave.Text, Assert.Single(meanwhile.Document.Users!.List).Entity);
    }

    [Fact, Trait("Spec", "RFC 6665 4.2.2")]
    public void While_a_notify_waits_for_its_answer_no_other_is_sent()
    {
        scene.Subscribes(bob);

        Assert.Empty(scene.Later(10).Leaves(carol).Effects.OfType<SendNotify>());

        scene.AnswersNotify(bob);
        Assert.Equal(carol.Text, Assert.Single(scene.Document.Users!.List).Entity);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/partial")]
    public void Each_subscriber_gets_the_difference_to_what_he_knows()
    {
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);
        scene.Later(10).Leaves(carol);
        scene.AnswersNotify(bob);
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);

        scene.Later(10).Leaves(dave);

        Assert.Equal(2, scene.Last.Effects.OfType<SendNotify>().Count());
        Assert.Equal(
            ["sip:alice@example.com", "sip:bob@example.com"], scene.View(bob).Roster.Select(user => user.Entity));
        Assert.True(scene.View(bob).HasSameRoster(scene.View(alice)));
        Assert.True(scene.View(bob).Users.ContainsKey(carol.Text));
        Assert.False(scene.View(alice).Users.ContainsKey(carol.Text));
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2c-ii-D")]
    public void Who_rings_and_is_given_up_is_reported_disconnected()
    {
        var ringing = new Scene();
        ringing.Invites(alice, bob, carol, dave);
        ringing.Accepts(bob);
        ringing.Accepts(dave);
        ringing.Acknowledges(alice);
        ringing.Rings(carol);
        ringing.Subscribes(bob);
        ringing.AnswersNotify(bob);
        Assert.Equal(EndpointStatus.Alerting, ringing.View(bob).Users[carol.Text].Endpoints[0].Status);

        ringing.After(60);
        ringing.AnswersNotify(bob);
        ringing.Answers(carol, 487);
        ringing.After(10);

        Assert.Equal(EndpointStatus.Disconnected, ringing.View(bob).Users[carol.Text].Endpoints[0].Status);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2c-ii-D")]
    public void Who_rings_and_refuses_is_reported_disconnected()
    {
        var ringing = new Scene();
        ringing.Invites(alice, bob, carol);
        ringing.Accepts(bob);
        ringing.Acknowledges(alice);
        ringing.Rings(carol);
        ringing.Subscribes(bob);
        ringing.AnswersNotify(bob);

        ringing.Later(10).Answers(carol, 486);

        var endpoint = Assert.Single(ringing.Document.Users!.List).Endpoints[0];
        Assert.Equal(
            (EndpointStatus.Disconnected, DisconnectionMethod.Busy), (endpoint.Status, endpoint.DisconnectionMethod));
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2a-iv")]
    public void Who_rang_under_his_address_and_accepts_with_privacy_does_not_go_on_ringing()
    {
        var hiding = new Scene();
        hiding.Invites(alice, bob, carol);
        hiding.Accepts(bob);
        hiding.Acknowledges(alice);
        hiding.Rings(carol);
        hiding.Subscribes(bob);
        hiding.AnswersNotify(bob);

        hiding.Later(10).Answers(carol, Response(hiding.InviteTo(carol), 200, body: Sdp(carol)).With("Privacy", "id"));

        Assert.Equal(
            ["sip:alice@example.com", "sip:anonymous3@anonymous.invalid", "sip:bob@example.com"],
            hiding.View(bob).Roster.Select(user => user.Entity));
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/rate")]
    public void A_refresh_is_answered_by_the_full_state_at_once()
    {
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);

        scene.Later(1).Refreshes(bob);

        Assert.Equal(NotifyScope.Full, scene.Last.Single<SendNotify>().Scope);
    }

    [Fact, Trait("Spec", "RFC 6665 4.1.3")]
    public void An_active_subscription_says_how_long_it_lasts()
    {
        scene.Subscribes(bob, 600);
        Assert.Equal("active;expires=600", scene.Last.Single<SendNotify>().SubscriptionState);
        scene.AnswersNotify(bob);

        scene.Later(100).Leaves(carol);
        Assert.Equal("active;expires=500", scene.Last.Single<SendNotify>().SubscriptionState);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2c-ii-B")]
    public void A_departure_is_forgotten_once_everybody_heard_of_it()
    {
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);
        scene.Later(10).Leaves(carol);

        scene.AnswersNotify(alice);
        Assert.NotEmpty(scene.Conference!.Departures);

        scene.AnswersNotify(bob);
        Assert.Empty(scene.Conference!.Departures);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2c-ii-B")]
    public void A_departure_that_nobody_watches_is_not_kept()
    {
        scene.Leaves(carol);

        Assert.Empty(scene.Conference!.Departures);
    }
}
