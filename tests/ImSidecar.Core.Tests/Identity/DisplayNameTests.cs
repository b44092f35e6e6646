using ImSidecar.Core.Conferences;
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

    private static GroupFacts Named => Known(GroupOfThree with
    {
        Names = new Dictionary<string, string> { [alice.Text] = "Alice of the skiers" },
    });

    [Theory]
    [InlineData("\"Ali\" <sip:alice@example.com>", "Ali")]
    [InlineData("\" \" <sip:alice@example.com>", "Alice of the skiers")]
    [InlineData("<sip:alice@example.com>", "Alice of the skiers")]
    [Trait("Spec", "IM 5.5")]
    public void Who_brings_no_name_has_the_one_of_the_group_document(string from, string name)
    {
        var request = InviteGroup(alice).WithHead(head => head with { From = Address(from) });

        Assert.Equal(name, DisplayName.Of(request, Named));
    }

    [Fact, Trait("Spec", "IM 5.5")]
    public void The_group_document_goes_before_the_list_of_who_invites()
    {
        Assert.Equal("Alice of the skiers", DisplayName.OfInvitee(alice, "Al", Named));
        Assert.Equal("Bobby", DisplayName.OfInvitee(bob, "Bobby", Named));
        Assert.Null(DisplayName.OfInvitee(bob, "", Named));
        Assert.Equal("Al", DisplayName.OfInvitee(alice, "Al", group: null));
    }

    [Theory]
    [InlineData("Snowcat", "Alice", false, "Snowcat")]
    [InlineData("Snowcat", null, true, "Snowcat")]
    [InlineData(null, "Alice", false, "Alice")]
    [InlineData(null, "Alice", true, "Anonymous")]
    [InlineData(null, null, false, null)]
    [Trait("Spec", "IM 5.5"), Trait("Spec", "IM 7.2.3.2")]
    public void The_nickname_is_seen_first_and_of_who_hides_nothing_else(
        string? nickname, string? name, bool hides, string? shown)
    {
        var participant = AdHocConference(alice, bob).Participants["p1"] with
        {
            Nickname = nickname,
            DisplayName = name,
            IsAnonymous = hides,
        };

        Assert.Equal(shown, DisplayName.Shown(participant));
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
