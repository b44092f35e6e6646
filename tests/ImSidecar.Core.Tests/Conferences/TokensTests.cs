using System.Text.RegularExpressions;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Tests.Conferences;

/// <summary>RFC 4975 14.1: MSRP session ids have at least 80 random bits.</summary>
public class TokensTests
{
    [Fact, Trait("Spec", "RFC 4975 14.1")]
    public void A_token_has_26_characters_of_five_bits_each()
    {
        var token = NoFacts.Derive("msrp/p1");

        Assert.Matches(new Regex("^[a-z2-7]{26}$"), token);
    }

    [Fact, Trait("Spec", "RFC 4975 14.1")]
    public void Every_purpose_and_every_decision_has_its_own()
    {
        var others = NoFacts with { Entropy = new byte[] { 1 } };
        string[] tokens = [NoFacts.Derive("a"), NoFacts.Derive("b"), others.Derive("a"), others.Derive("b")];

        Assert.Equal(4, tokens.Distinct().Count());
        Assert.Equal(tokens[0], NoFacts.Derive("a"));
    }

    [Fact, Trait("Spec", "RFC 4975 14.1")]
    public void Every_place_of_a_token_takes_every_character()
    {
        var tokens = Enumerable.Range(0, 2000).Select(each => NoFacts.Derive("purpose " + each)).ToList();

        for (var place = 0; place < 26; place++)
            Assert.Equal(32, tokens.Select(token => token[place]).Distinct().Count());
    }
}
