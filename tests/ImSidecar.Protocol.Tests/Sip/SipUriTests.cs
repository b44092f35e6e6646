using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Tests.Sip;

/// <summary>RFC 3261 19.1 and RFC 3966: URIs, and which of them are one user.</summary>
public class SipUriTests
{
    private static SipUri Parse(string text)
    {
        Assert.True(SipUri.TryParse(text, out var uri), text);
        return uri;
    }

    [Theory]
    [InlineData("sip:alice@example.com", "sip", "alice", "example.com", null, "", "")]
    [InlineData("sips:bob@biloxi.com:5061;transport=tcp", "sips", "bob", "biloxi.com", 5061, ";transport=tcp", "")]
    [InlineData("sip:example.com", "sip", "", "example.com", null, "", "")]
    [InlineData("sip:a:secret@h;p=1?Subject=x&a=b", "sip", "a:secret", "h", null, ";p=1", "Subject=x&a=b")]
    [InlineData("sip:a;b?c@example.com", "sip", "a;b?c", "example.com", null, "", "")]
    [InlineData("sip:a@[2001:db8::1]:5060", "sip", "a", "[2001:db8::1]", 5060, "", "")]
    [InlineData("SIP:+1-555@gw.example;user=phone", "sip", "+1-555", "gw.example", null, ";user=phone", "")]
    [InlineData("tel:+1-555-0100;phone-context=x", "tel", "+1-555-0100", "", null, ";phone-context=x", "")]
    [Trait("Spec", "RFC 3261 19.1")]
    public void A_uri_is_read_into_its_parts_and_written_as_it_was(
        string text, string scheme, string user, string host, int? port, string parameters, string headers)
    {
        var uri = Parse("  " + text + " ");

        Assert.Equal(text, uri.ToString());
        Assert.Equal((scheme, user, host, port), (uri.Scheme, uri.User, uri.Host, uri.Port));
        Assert.Equal((parameters, headers), (uri.Parameters, uri.Headers));
    }

    [Theory]
    [InlineData(""), InlineData("alice@example.com"), InlineData("http://example.com"), InlineData("sip:")]
    [InlineData("sip:@example.com"), InlineData("sip:alice@"), InlineData("sip:a b@example.com")]
    [InlineData("sip:a@exam ple.com")]
    [InlineData("sip:a@b:"), InlineData("sip:a@b:0"), InlineData("sip:a@b:65536"), InlineData("sip:a@b:x")]
    [InlineData("sip:a@b:-1")]
    [InlineData("sip:%zz@example.com"), InlineData("sip:a%4@example.com"), InlineData("sip:a@b@c")]
    [InlineData("sip:<a>@b")]
    [InlineData("sip:a@[2001:db8::1"), InlineData("sip:a@[zz]"), InlineData("sip:a@[192.0.2.1]")]
    [InlineData("sip:a@[1]")]
    [InlineData("sip:a@[::1]x"), InlineData("sip:a@b\r\nEvil: x"), InlineData("sip:a@b;x=\t1")]
    [InlineData("sip:a@b;x=\u0001")]
    [InlineData("sip:\u007Fa@b"), InlineData("sip:a\u0000@b"), InlineData("sip:é@example.com")]
    [InlineData("sip:a@exämple.com")]
    [InlineData("sip:a@b?x=\u0002"), InlineData("tel:"), InlineData("tel:abcxyz"), InlineData("tel:+1 555")]
    [InlineData("tel:--")]
    [Trait("Spec", "RFC 3261 19.1")]
    public void What_is_no_uri_is_refused(string text) => Assert.False(SipUri.TryParse(text, out _));

    [Theory]
    [InlineData("tel:+1-555-1234", "sip:+15551234@a.example;user=phone", true)]
    [InlineData("sip:+15551234@a.example;user=phone", "sip:+15551234@b.example;user=phone", true)]
    [InlineData("sip:+15551234@a.example;user=phone", "sip:+15551234@a.example", true)]
    [InlineData("sip:+15551234@a.example", "sip:+15551234@b.example", false)]
    [InlineData("tel:+15551234", "sip:+15551234@a.example", false)]
    [Trait("Spec", "IM 5.1")]
    public void A_global_number_is_one_person_whatever_the_host(string one, string other, bool same)
    {
        Assert.Equal(same, Parse(one).SamePerson(Parse(other)));
        var people = new PersonSet();
        Assert.True(people.Add(Parse(one)));
        Assert.Equal(same, !people.Add(Parse(other)));
        Assert.Equal(Parse(one).PersonKey, Parse(one).Bare.PersonKey);
    }

    [Fact, Trait("Spec", "RFC 3261 19.1")]
    public void A_uri_is_bounded() =>
        Assert.False(SipUri.TryParse("sip:" + new string('a', SipUri.MaxLength) + "@b", out _));

    [Theory]
    [InlineData("sip:alice@example.com", "sip:alice@EXAMPLE.COM")]
    [InlineData("sip:alice@example.com", "sip:alice@example.com:5070;transport=tcp?Subject=x")]
    [InlineData("sip:alice@example.com", "sips:alice@example.com")]
    [InlineData("sip:alice@example.com", "sip:%61lice@example.com")]
    [InlineData("sip:alice@example.com", "sip:alice:password@example.com")]
    [InlineData("sip:alice@example.com", "sip:alice@example.com.")]
    [InlineData("tel:+15550100", "tel:+1(555)01-00")]
    [Trait("Spec", "RFC 3261 19.1.4")]
    public void Spellings_of_one_user_have_one_key(string one, string other)
    {
        Assert.True(Parse(one).SameAddress(Parse(other)));
        Assert.Equal(Parse(one).AddressKey, Parse(other).AddressKey);
    }

    [Theory]
    [InlineData("sip:alice@example.com", "sip:Alice@example.com")]
    [InlineData("sip:alice@example.com", "sip:alice@example.org")]
    [InlineData("sip:alice@example.com", "sip:example.com")]
    [InlineData("sip:a%40b@c", "sip:a@c")]
    [InlineData("sip:+15550100@example.com", "tel:+15550100")]
    [InlineData("tel:+15550100", "tel:15550100")]
    [Trait("Spec", "RFC 3261 19.1.4")]
    public void Different_users_have_different_keys(string one, string other) =>
        Assert.False(Parse(one).SameAddress(Parse(other)));

    [Theory]
    [InlineData("sip:bob@example.com;method=INVITE?Replaces=a", "sip:bob@example.com")]
    [InlineData("sip:bob@example.com:5070;transport=tcp", "sip:bob@example.com:5070")]
    [InlineData("sip:b%6Fb@Example.com", "sip:b%6Fb@Example.com")]
    [InlineData("sip:bob:secret@example.com", "sip:bob@example.com")]
    [InlineData("sip:bob:secret@example.com;x", "sip:bob@example.com")]
    [InlineData("tel:+1-555;phone-context=x", "tel:+1-555")]
    [Trait("Spec", "RFC 3261 19.1.1")]
    public void What_others_see_of_a_user_has_no_parameter_header_or_password(string text, string bare)
    {
        Assert.Equal(bare, Parse(text).Bare.Text);
        Assert.Equal(Parse(text).AddressKey, Parse(bare).AddressKey);
    }

    [Theory]
    [InlineData("tel:+1-555-0100", "sip:+15550100@example.com;user=phone")]
    [InlineData("tel:+15550100;phone-context=x", "sips:+1(555)0100;isub=1@Example.org:5061;user=PHONE")]
    [InlineData("sip:+15550100@a.example;user=phone", "sip:%2B15550100@b.example;user=phone")]
    [InlineData("sip:alice@example.com;user=phone", "sip:alice@EXAMPLE.com")]
    [Trait("Spec", "RFC 3261 19.1.6")]
    public void A_global_number_is_one_person_in_whatever_scheme(string one, string other) =>
        Assert.Equal(Parse(one).PersonKey, Parse(other).PersonKey);

    [Theory]
    [InlineData("tel:+15550100", "sip:+15550100@example.com")]
    [InlineData("tel:+15550100", "tel:+15550101")]
    [InlineData("tel:15550100", "sip:15550100@example.com;user=phone")]
    [InlineData("sip:+@example.com;user=phone", "sip:+@example.org;user=phone")]
    [InlineData("sip:+1a@example.com;user=phone", "sip:+1a@example.org;user=phone")]
    [Trait("Spec", "RFC 3261 19.1.6")]
    public void Anything_else_that_looks_alike_is_another_person(string one, string other) =>
        Assert.NotEqual(Parse(one).PersonKey, Parse(other).PersonKey);

    [Fact, Trait("Spec", "RFC 3261 19.1.1")]
    public void A_parameter_is_found_by_name_in_any_case()
    {
        var uri = Parse("sip:a@b;LR;transport=TCP");

        Assert.Equal(("", "TCP", null), (uri.Parameter("lr"), uri.Parameter("Transport"), uri.Parameter("maddr")));
    }

    [Fact, Trait("Spec", "RFC 3261 19.1")]
    public void A_uri_made_of_parts_reads_back()
    {
        var made = SipUri.Of("sip", "c0ffee", "im.example.com", 5060);

        Assert.Equal(made, Parse(made.Text));
        Assert.Equal(made.GetHashCode(), Parse(made.Text).GetHashCode());
        Assert.Equal(5060, Parse(made.Text).Port);
    }
}
