using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.5 Rejoining IM Group Session request.</summary>
public class RejoinSessionTests
{
    private static Respond Rejoin(Scene scene)
    {
        var before = scene.Conference;
        var response = scene.Arrives(Invite(bob).WithHead(head => head with { Uri = Uri("sip:c0ffee@im.example.com") }))
            .Single<Respond>();
        Assert.Same(before, scene.Conference);
        return response;
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/1")]
    public void An_unknown_session_gets_403_with_a_warning()
    {
        var response = Rejoin(new());

        Assert.Equal((SipStatus.Forbidden, "Session does not exist"), (response.Status, response.Warning));
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/1")]
    public void A_released_session_does_not_exist_any_more()
    {
        var scene = Scene.Settled(alice, bob);
        scene.Leaves(alice);

        Assert.Equal("Session does not exist", Rejoin(scene).Warning);
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/1")]
    public void The_operator_may_have_404_instead() =>
        Assert.Equal(SipStatus.NotFound, Rejoin(new(With(policy with { UnknownSessionCode = 404 }))).Status);

    [Fact, Trait("Spec", "IM 7.2.1.5/1")]
    public void Joining_a_session_that_exists_is_refused_for_now()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Leaves(bob);

        Assert.Equal("Joining this session is not allowed", Rejoin(scene).Warning);
    }
}
