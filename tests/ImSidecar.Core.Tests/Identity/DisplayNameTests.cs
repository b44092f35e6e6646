using ImSidecar.Core.Identity;

namespace ImSidecar.Core.Tests.Identity;

/// <summary>IM 5.5 Display Name.</summary>
public class DisplayNameTests
{
    [Theory]
    [InlineData("\"Ali\" <sip:alice@example.com>", "\"Alice\" <sip:alice@example.com>", "Ali")]
    [InlineData("<sip:alice@example.com>", "\"Alice\" <sip:alice@example.com>", "Alice")]
    [InlineData("<sip:alice@example.com>", "<sip:alice@example.com>", null)]
    [Trait("Spec", "IM 5.5")]
    public void From_comes_before_the_asserted_identity(string from, string asserted, string? name)
    {
        var request =
            Invite(alice, bob).WithHead(head => head with { From = Address(from), Identities = [Address(asserted)] });

        Assert.Equal(name, DisplayName.Of(request));
    }

    [Fact, Trait("Spec", "IM 5.5")]
    public void A_name_is_bounded()
    {
        Assert.Equal(128, DisplayName.Bounded(new string('a', 10_000))!.Length);
        Assert.Equal("Ali", DisplayName.Bounded("Ali"));
        Assert.Null(DisplayName.Bounded(null));
    }

    [Fact, Trait("Spec", "IM 5.5")]
    public void A_bounded_name_is_not_cut_within_a_character()
    {
        var name = DisplayName.Bounded(new string('a', 127) + "\U0001F600\U0001F600")!;

        Assert.DoesNotContain(name, char.IsSurrogate);
    }
}
