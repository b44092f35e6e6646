using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Notifications;

/// <summary>RFC 6446: the rates that a watcher asks for, within those of the operator.</summary>
public class NotifyRateTests
{
    private readonly Scene scene = Scene.Settled(alice, bob, carol, dave);

    private static NotifyRate? Every(double? seconds) => seconds is { } some ? new(TimeSpan.FromSeconds(some)) : null;

    private static SubscribeRequest Asking(double? least = null, double? most = null) =>
        Subscribe(bob) with { MaxRate = Every(least), MinRate = Every(most) };

    [Fact, Trait("Spec", "RFC 6446 4.3")]
    public void Who_wants_to_be_told_seldom_is_told_of_all_that_happened_in_one()
    {
        scene.Arrives(Asking(least: 30));
        scene.AnswersNotify(bob);
        scene.Later(10).Leaves(carol);
        Assert.Empty(scene.Last.Effects.OfType<SendNotify>());

        scene.Later(10).Leaves(dave);
        Assert.Empty(scene.Last.Effects.OfType<SendNotify>());
        Assert.Equal(start + TimeSpan.FromSeconds(30), ConferenceMachine.NextDue(scene.Conference!));

        scene.After(10);
        Assert.Equal([carol.Text, dave.Text], scene.Document.Users!.List.Select(user => user.Entity));
    }

    [Theory, Trait("Spec", "RFC 6446 4.3")]
    [InlineData(30.0, null, "active;expires=3600;max-rate=0.0333333")]
    [InlineData(1.0, null, "active;expires=3600;max-rate=0.2")]
    [InlineData(null, 300.0, "active;expires=3600;min-rate=0.00333333")]
    [InlineData(null, 1.0, "active;expires=3600;min-rate=0.0166667")]
    [InlineData(100.0, 70.0, "active;expires=3600;max-rate=0.01;min-rate=0.01")]
    [InlineData(null, null, "active;expires=3600")]
    public void Each_notify_says_which_rates_hold(double? least, double? most, string state)
    {
        scene.Arrives(Asking(least, most));

        Assert.Equal(state, scene.Last.Single<SendNotify>().SubscriptionState);
    }

    [Fact, Trait("Spec", "RFC 6446 4.3")]
    public void Nobody_is_told_more_often_than_the_operator_lets()
    {
        scene.Arrives(Asking(least: 1));
        scene.AnswersNotify(bob);

        Assert.Empty(scene.Later(4).Leaves(carol).Effects.OfType<SendNotify>());
    }

    [Fact, Trait("Spec", "RFC 6446 4.2")]
    public void A_refresh_is_answered_at_once_and_without_a_rate_none_holds_any_more()
    {
        scene.Arrives(Asking(least: 300));
        scene.AnswersNotify(bob);

        scene.Later(10).Refreshes(bob);
        Assert.Equal("active;expires=3600", scene.Last.Single<SendNotify>().SubscriptionState);
        scene.AnswersNotify(bob);

        Assert.Single(scene.Later(6).Leaves(carol).Effects.OfType<SendNotify>());
    }

    [Fact, Trait("Spec", "RFC 6446 5.3")]
    public void Who_wants_to_hear_that_nothing_has_changed_is_told_the_state_again()
    {
        scene.Arrives(Asking(most: 90));
        scene.AnswersNotify(bob);
        Assert.Equal(start + TimeSpan.FromSeconds(90), ConferenceMachine.NextDue(scene.Conference!));

        scene.After(90);
        Assert.Equal((NotifyScope.Full, 1u), (scene.Last.Single<SendNotify>().Scope, scene.Document.Version));
        scene.AnswersNotify(bob);

        scene.Later(60).Leaves(carol);
        Assert.Equal(NotifyScope.Partial, scene.Last.Single<SendNotify>().Scope);
        scene.AnswersNotify(bob);

        // It counts from the last one, whatever that told.
        Assert.Empty(scene.After(89).Effects);
        Assert.Equal(NotifyScope.Full, scene.After(1).Single<SendNotify>().Scope);
    }

    [Fact, Trait("Spec", "RFC 6446 5.3")]
    public void Nobody_makes_us_repeat_the_state_every_second()
    {
        scene.Arrives(Asking(most: 1));
        scene.AnswersNotify(bob);

        Assert.Empty(scene.After(59).Effects);
        Assert.Single(scene.After(1).Effects);
    }

    [Fact, Trait("Spec", "RFC 6446 4.3")]
    public void The_last_notify_waits_for_no_rate()
    {
        scene.Arrives(Asking(least: 300));
        scene.AnswersNotify(bob);

        Assert.Equal("terminated;reason=noresource", scene.Later(1).Leaves(bob).Single<SendNotify>().SubscriptionState);
    }

    [Fact, Trait("Spec", "IM 7.9.1.1.5/2c-ii-B")]
    public void Who_wants_to_be_told_seldom_does_not_make_us_remember_everybody_who_left()
    {
        scene.Arrives(Asking(least: 3000));
        scene.AnswersNotify(bob);
        var departed = Enumerable.Range(0, 1000).ToDictionary(
            number => $"sip:guest{number}@example.com",
            number => new Departure(
                $"sip:guest{number}@example.com", null, "sip:x", default, scene.Conference!.RosterRevision + 1));
        scene.Replace(scene.Conference! with
        {
            Departures = scene.Conference!.Departures.AddRange(departed),
            Revision = scene.Conference.Revision + 1,
            RosterRevision = scene.Conference.RosterRevision + 1,
        });

        scene.Later(10).Leaves(carol);

        Assert.Equal(carol.Text, Assert.Single(scene.Conference!.Departures).Key);
        scene.After(3000);
        Assert.Equal(NotifyScope.Full, scene.Last.Single<SendNotify>().Scope);
        Assert.DoesNotContain(scene.Document.Users!.List, user => user.Entity == carol.Text);
    }
}
