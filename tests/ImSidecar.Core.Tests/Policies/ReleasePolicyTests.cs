using ImSidecar.Core.Conferences;
using ImSidecar.Core.Policies;

namespace ImSidecar.Core.Tests.Policies;

/// <summary>IM 7.2.2.8 IM Session release policy.</summary>
public class ReleasePolicyTests
{
    private static bool Decide(Scene scene, bool inviterLeft = false, OperatorPolicy? changed = null) =>
        ReleasePolicy.Decide(
            scene.Conference!, inviterLeft ? scene.Participant(alice) : null, changed ?? policy);

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void Two_who_attend_keep_the_session() => Assert.False(Decide(Scene.Settled(alice, bob)));

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void One_who_attends_alone_does_not()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Leaves(bob);
        Assert.False(Decide(scene));

        scene.Happens(new AckTimedOut(null, scene.Participant(carol).Leg.Dialog));
        Assert.True(Decide(scene));
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void One_who_attends_waits_for_who_may_come()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);
        Assert.False(Decide(scene));

        scene.Accepts(bob);
        scene.Leaves(bob);
        Assert.False(Decide(scene));
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void Those_who_may_come_do_not_keep_a_session_in_which_nobody_is()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol, dave);
        scene.Accepts(bob);
        scene.Acknowledges(alice);
        scene.Leaves(alice);

        scene.Happens(new AckTimedOut(null, scene.Participant(bob).Leg.Dialog));

        Assert.True(Decide(scene));
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void The_operator_may_end_it_with_the_inviter()
    {
        var scene = Scene.Settled(alice, bob, carol);
        var ends = policy with { ReleaseWhenInviterLeaves = true };

        Assert.True(Decide(scene, inviterLeft: true, ends));
        Assert.False(Decide(scene, inviterLeft: false, ends));
        Assert.False(Decide(scene, inviterLeft: true));
    }
}
