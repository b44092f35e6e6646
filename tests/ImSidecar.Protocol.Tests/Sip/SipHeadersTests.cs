using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Tests.Sip;

/// <summary>RFC 3261 7.3: header fields in order, found by long and compact names.</summary>
public class SipHeadersTests
{
    private static readonly SipHeaders headers = SipHeaders.Of(
        ("v", "SIP/2.0/UDP a"),
        ("CONTACT", "<sip:a@b>, \"x, y\" <sip:c@d>"),
        ("Supported", "timer, , Replaces"),
        ("k", "100rel"),
        ("m", "<sip:e@f>"));

    [Theory]
    [InlineData("a", "Accept-Contact"), InlineData("b", "Referred-By"), InlineData("c", "Content-Type")]
    [InlineData("d", "Request-Disposition"), InlineData("e", "Content-Encoding"), InlineData("f", "From")]
    [InlineData("i", "Call-ID"), InlineData("j", "Reject-Contact"), InlineData("k", "Supported")]
    [InlineData("l", "Content-Length")]
    [InlineData("M", "contact"), InlineData("o", "Event"), InlineData("r", "Refer-To"), InlineData("s", "Subject")]
    [InlineData("t", "To"), InlineData("u", "Allow-Events"), InlineData("v", "Via"), InlineData("x", "Session-Expires")]
    [Trait("Spec", "RFC 3261 7.3.3")]
    public void A_compact_name_is_its_long_one(string compact, string name) =>
        Assert.Equal("value", SipHeaders.Of((compact, "value")).First(name));

    [Fact, Trait("Spec", "RFC 3261 7.3.3")]
    public void An_unknown_letter_is_no_other_header()
    {
        Assert.Null(SipHeaders.Of(("z", "1")).First(""));
        Assert.Equal("1", SipHeaders.Of(("z", "1")).First("Z"));
        Assert.Null(SipHeaders.Of(("From", "1")).First("f"));
    }

    [Fact, Trait("Spec", "RFC 3261 7.3.1")]
    public void Values_of_all_fields_of_a_name_come_in_order()
    {
        Assert.Equal(["<sip:a@b>", "\"x, y\" <sip:c@d>", "<sip:e@f>"], headers.Values("Contact"));
        Assert.Equal(["timer", "Replaces", "100rel"], headers.Values("supported"));
        Assert.Empty(headers.Values("Route"));
    }

    [Theory, InlineData("TIMER", true), InlineData("100rel", true), InlineData("time", false)]
    [Trait("Spec", "RFC 3261 20.37")]
    public void A_token_is_found_in_any_of_them(string token, bool isThere) =>
        Assert.Equal(isThere, headers.HasToken("Supported", token));

    [Fact, Trait("Spec", "RFC 3261 7.3.1")]
    public void Fields_are_counted_and_kept_in_order()
    {
        Assert.Equal((2, 1, 0), (headers.CountOf("Contact"), headers.CountOf("Via"), headers.CountOf("To")));
        Assert.Equal(("v", 5), (headers[0].Name, headers.Count));
        Assert.Equal("To: x", headers.With("To", "x")[^1].ToString());
        Assert.Equal(5, headers.Count);
    }
}
