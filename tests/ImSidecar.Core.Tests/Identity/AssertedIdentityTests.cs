using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Tests.Identity;

/// <summary>RFC 3325 7: who is not told as whom we answer.</summary>
public class AssertedIdentityTests
{
    [Theory, Trait("Spec", "IM 7.2.1.1/4")]
    [InlineData(false, false, true)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    public void An_operator_may_hide_it_from_handsets(bool hides, bool isTrusted, bool isTold)
    {
        var scene = new Scene { Facts = With(policy with { HideIdentity = hides }) };
        scene.Arrives(Invite(alice, bob, carol).WithHead(head => head with { IsTrusted = isTrusted }));
        scene.Accepts(bob);
        var accepted = Answer(scene);
        scene.Arrives(Subscribe(alice).WithHead(head => head with { IsTrusted = isTrusted }));
        var watching = Answer(scene);

        Assert.Equal(isTold, accepted.Headers.First("P-Asserted-Identity") is not null);
        Assert.Equal(isTold, watching.Headers.First("P-Asserted-Identity") is not null);
        Assert.NotNull(scene.InviteTo(bob).Request.Headers.First("P-Asserted-Identity"));
    }

    private static Respond Answer(Scene scene) => scene.Last.Effects.OfType<Respond>().Single();
}
