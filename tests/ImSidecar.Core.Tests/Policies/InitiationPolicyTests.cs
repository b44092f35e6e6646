using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Tests.Policies;

/// <summary>IM 7.2.2.3 IM Session initiation policy.</summary>
public class InitiationPolicyTests
{
    [Theory]
    [InlineData("sip:mallory@example.com")]
    [InlineData("sips:mallory@EXAMPLE.com:5061;transport=tcp")]
    [InlineData("sip:m%61llory@example.com")]
    [Trait("Spec", "IM 7.2.2.3")]
    public void A_barred_user_may_not_in_whatever_spelling(string user)
    {
        var verdict = InitiationPolicy.Decide(new Requester(Uri(user)), policy);

        Assert.False(verdict.Allowed);
        Assert.NotEmpty(verdict.Reason);
    }

    [Theory]
    [InlineData("tel:+1-555-0100", "sip:+15550100@anywhere.example;user=phone")]
    [InlineData("sip:+15550100@example.com;user=phone", "tel:+15550100")]
    [Trait("Spec", "IM 7.2.2.3")]
    public void A_barred_number_may_not_in_either_kind_of_URI(string barred, string user)
    {
        var bars = policy with { Barred = [Uri(barred).PersonKey] };

        Assert.False(InitiationPolicy.Decide(new Requester(Uri(user)), bars).Allowed);
        Assert.True(InitiationPolicy.Decide(new Requester(Uri("sip:+15550100@anywhere.example")), bars).Allowed);
    }

    [Fact, Trait("Spec", "IM 7.2.2.3")]
    public void Everybody_else_may() => Assert.True(InitiationPolicy.Decide(new Requester(alice), policy).Allowed);
}
