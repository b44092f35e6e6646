using ImSidecar.Core.Controlling;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>RFC 5366 and RFC 5363: whom a recipient list names.</summary>
public class RecipientListReaderTests
{
    private static string[] Read(params string[] uris)
    {
        var request = Invite(alice) with { RecipientList = List(uris) };
        Assert.True(RecipientListReader.TryRead(request, alice, out var invitees, out var problem), problem);
        return [.. invitees.Select(invitee => invitee.Address.Text)];
    }

    private static string Problem(ReadOnlyMemory<byte>? list)
    {
        var request = Invite(alice) with { RecipientList = list };
        Assert.False(RecipientListReader.TryRead(request, alice, out var invitees, out var problem));
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
