using ImSidecar.Core.Identity;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Identity;

/// <summary>IM 5.1 Authenticated Originator's IM Address.</summary>
public class AuthenticatedOriginatorTests
{
    [Fact, Trait("Spec", "IM 5.1")]
    public void Of_two_identities_the_sip_one_is_the_originator()
    {
        var request = Invite(alice, bob).WithHead(head => head with
        {
            Identities = [Address("<tel:+15550100>"), Address("\"Ali\" <sip:alice@example.com>")],
        });

        Assert.Equal(alice, request.Originator);
    }

    [Fact, Trait("Spec", "IM 5.1")]
    public void A_telephone_number_alone_is_enough() =>
        Assert.Equal("tel:+15550100", Invite(alice, bob)
            .WithHead(head => head with { Identities = [Address("<tel:+15550100>")] }).Originator!.Text);

    [Fact, Trait("Spec", "IM 5.1")]
    public void From_vouches_for_nobody() =>
        Assert.Null(Invite(alice, bob).WithHead(head => head with { Identities = [] }).Originator);

    [Theory]
    [InlineData("id", true)]
    [InlineData("user", true)]
    [InlineData("HEADER", true)]
    [InlineData("none", false)]
    [InlineData("session", false)]
    [InlineData("critical; id", true)]
    [InlineData("session;critical", false)]
    [InlineData("", false)]
    [InlineData("identity", false)]
    [Trait("Spec", "RFC 3323 4.2")]
    public void Some_privacy_tokens_hide_who_it_is(string value, bool hides) =>
        Assert.Equal(hides, AuthenticatedOriginator.AsksPrivacy(SipHeaders.Of(("privacy", value))));

    [Fact, Trait("Spec", "RFC 3323 4.2")]
    public void Any_of_several_privacy_fields_counts() =>
        Assert.True(AuthenticatedOriginator.AsksPrivacy(SipHeaders.Of(("Privacy", "session"), ("Privacy", "id"))));

    [Fact, Trait("Spec", "RFC 3862 2.1")]
    public void The_switch_accepts_every_name_of_a_user_and_of_an_anonymous_one_those_that_hide_him_too()
    {
        var scene = new Scene();
        scene.Arrives(Invite(alice, bob).With("Privacy", "id"));

        Assert.Equal(
            ["sip:anonymous1@anonymous.invalid", "sip:anonymous@anonymous.invalid", alice.Text],
            AuthenticatedOriginator.CpimIdentities(scene.Participant(alice)));
        Assert.Equal([bob.Text], AuthenticatedOriginator.CpimIdentities(scene.Participant(bob)));
    }
}
