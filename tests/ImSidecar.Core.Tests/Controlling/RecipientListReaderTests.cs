using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>RFC 5366 and RFC 5363: whom a recipient list names.</summary>
public class RecipientListReaderTests
{
    private static string[] Read(params string[] uris) => [.. Users(policy, uris).Select(each => each.Address.Text)];

    private static Invitee[] Users(OperatorPolicy operators, params string[] uris)
    {
        var request = Invite(alice) with { RecipientList = List(uris) };
        Assert.True(
            RecipientListReader.TryRead(request, alice, operators, out var invitees, out var problem), problem);
        return [.. invitees];
    }

    private static string Problem(ReadOnlyMemory<byte>? list)
    {
        var request = Invite(alice) with { RecipientList = list };
        Assert.False(RecipientListReader.TryRead(request, alice, policy, out var invitees, out var problem));
        Assert.Empty(invitees);
        return problem;
    }

    [Fact, Trait("Spec", "RFC 5366 4")]
    public void Users_are_named_in_the_order_of_the_list() =>
        Assert.Equal([carol.Text, bob.Text], Read(carol.Text, bob.Text));

    [Fact, Trait("Spec", "RFC 5363 4.1")]
    public void A_user_in_several_spellings_is_one_user() =>
        Assert.Equal([bob.Text], Read(bob.Text, "sip:b%6Fb@EXAMPLE.com:5060;transport=tcp", "sips:bob@example.com"));

    [Fact, Trait("Spec", "RFC 5363 4.1")]
    public void The_inviter_is_left_out() => Assert.Equal([bob.Text], Read("sip:alice@EXAMPLE.COM", bob.Text));

    [Fact, Trait("Spec", "RFC 5366 4")]
    public void Headers_and_method_of_an_entry_do_not_reach_the_address() =>
        Assert.Equal([bob.Text], Read("sip:bob@example.com;method=INVITE?Replaces=a84%3Bto-tag%3D1%3Bfrom-tag%3D2"));

    [Fact, Trait("Spec", "IM M/replaces")]
    public void An_entry_names_the_dialog_that_the_invitation_is_to_replace()
    {
        var invitees = Users(policy, "sip:bob@example.com?Replaces=a84%3Bto-tag%3D1%3Bfrom-tag%3D2", carol.Text);

        Assert.Equal([new Replaces("a84", "1", "2"), null], invitees.Select(each => each.Replaces));
    }

    [Theory, Trait("Spec", "IM M/3")]
    [InlineData("sip:bob@example.com;method=INVITE?Replaces: a84;to-tag=1;from-tag= 2")]
    [InlineData("sip:bob@example.com?replaces=a84;to-tag=1;from-tag=2")]
    public void The_spellings_of_the_text_mean_the_same(string entry) =>
        Assert.Equal(new Replaces("a84", "1", "2"), Assert.Single(Users(policy, entry)).Replaces);

    [Theory, Trait("Spec", "IM M/3")]
    [InlineData("bob@example.com;method=INVITE?Replaces: a84;to-tag=1;from-tag= 2")]
    [InlineData("sip: bob@example.com ?Replaces=a84;to-tag=1;from-tag=2")]
    public void An_address_without_scheme_or_with_blanks_is_read_if_the_operator_says_so(string entry)
    {
        var read = Assert.Single(Users(policy with { LenientUri = true }, entry));

        Assert.Equal((bob, new Replaces("a84", "1", "2")), (read.Address, read.Replaces));
        Assert.Equal("Recipient list holds a malformed URI", Problem(List(entry)));
    }

    [Theory, Trait("Spec", "IM M/replaces")]
    [InlineData("Replaces=a84%3Bto-tag%3D1", "malformed Replaces")]
    [InlineData("Replaces", "malformed Replaces")]
    [InlineData(
        "Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2",
        "second Replaces for one user")]
    public void A_Replaces_that_names_no_dialog_is_a_problem_with_words(string headers, string problem) =>
        Assert.Equal("Recipient list holds a " + problem, Problem(List(carol.Text, "sip:bob@example.com?" + headers)));

    [Fact, Trait("Spec", "RFC 3966 3")]
    public void Telephone_numbers_are_users_too() =>
        Assert.Equal(["tel:+15550100"], Read("tel:+15550100", "tel:+1-555-0100"));

    [Fact, Trait("Spec", "RFC 5366 4")]
    public void A_list_that_is_missing_broken_or_empty_is_a_problem_with_words()
    {
        Assert.Equal("Recipient list is missing", Problem(null));
        Assert.NotEmpty(Problem("<resource-lists"u8.ToArray()));
        Assert.Equal("Recipient list holds a malformed URI", Problem(List("bob@example.com")));
        Assert.Equal("Recipient list names nobody to invite", Problem(List()));
        Assert.Equal("Recipient list names nobody to invite", Problem(List(alice.Text)));
    }
}
