using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>Time is state: which deadline is next, and that none of them stays in the past.</summary>
public class DueWorkTests
{
    private static double? NextDue(Scene scene) =>
        (ConferenceMachine.NextDue(scene.Conference!) - start)?.TotalSeconds;

    [Fact, Trait("Spec", "RFC 3261 13.3.1.4")]
    public void The_next_deadline_is_the_earliest()
    {
        var scene = new Scene();
        scene.Arrives(Invite(alice, bob).With("Supported", "timer").With("Session-Expires", "100"));
        Assert.Equal(60, NextDue(scene));

        scene.Accepts(bob);
        Assert.Equal(40, NextDue(scene));

        scene.Acknowledges(alice);
        Assert.Equal(100, NextDue(scene));

        scene.Subscribes(bob, 70);
        Assert.Equal(40, NextDue(scene));
        scene.AnswersNotify(bob);
        Assert.Equal(70, NextDue(scene));
    }

    [Fact, Trait("Spec", "RFC 3261 13.3.1.4")]
    public void A_quiet_session_wants_no_time() => Assert.Null(NextDue(Scene.Settled(alice, bob)));

    [Fact, Trait("Spec", "IM 7.2.1.11/exp")]
    public void Several_deadlines_at_once_are_all_met()
    {
        var scene = new Scene();
        scene.Arrives(Invite(alice, bob, carol, dave).With("Supported", "timer").With("Session-Expires", "90"));
        scene.Accepts(bob);
        scene.Acknowledges(alice);
        scene.Subscribes(bob, 60);
        scene.AnswersNotify(bob);

        scene.After(600);

        Assert.Equal(["alice"], scene.ByesSent);
        Assert.Equal(2, scene.Last.Effects.OfType<SendCancel>().Count());
        Assert.Equal("terminated;reason=timeout", scene.NotifyTo(bob).SubscriptionState);
    }

    [Fact, Trait("Spec", "RFC 3261 13.3.1.4")]
    public void Too_early_a_call_changes_nothing()
    {
        var scene = new Scene();
        scene.Invites(alice, bob);
        var before = scene.Conference;

        Assert.Empty(scene.Later(10).Happens(new TimeElapsed()).Effects);
        Assert.Same(before, scene.Conference);
    }

    [Fact, Trait("Spec", "RFC 3261 17")]
    public void After_a_deadline_the_next_one_lies_ahead()
    {
        var scene = new Scene();
        scene.Arrives(Invite(alice, bob, carol).With("Supported", "timer").With("Session-Expires", "120"));
        scene.Accepts(bob);
        scene.Acknowledges(alice);
        scene.Subscribes(bob, 600);
        scene.AnswersNotify(bob);

        for (var steps = 0; scene.Conference is { } conference; steps++)
        {
            var due = ConferenceMachine.NextDue(conference)!.Value;
            Assert.True(due > scene.Facts.Now || steps == 0, $"{due} is not after {scene.Facts.Now}");
            scene.After((due - scene.Facts.Now).TotalSeconds);
            Assert.True(steps < 20, "Deadlines never end");
        }

        Assert.Null(scene.Conference);
    }
}
