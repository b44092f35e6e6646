using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Tests.Sip;

/// <summary>RFC 3261 20.10 and 25.1: name-addr and addr-spec.</summary>
public class NameAddressTests
{
    [Theory]
    [InlineData("<sip:alice@example.com>", null, "sip:alice@example.com", "")]
    [InlineData("sip:alice@example.com", null, "sip:alice@example.com", "")]
    [InlineData("sip:alice@example.com;tag=1", null, "sip:alice@example.com", ";tag=1")]
    [InlineData("<sip:alice@example.com;lr>;tag=1", null, "sip:alice@example.com;lr", ";tag=1")]
    [InlineData("Alice Liddell <sip:alice@example.com> ;tag=1", "Alice Liddell", "sip:alice@example.com", ";tag=1")]
    [InlineData("\"Ali \\\"A\\\" <x>, y\" <sip:alice@example.com>", "Ali \"A\" <x>, y", "sip:alice@example.com", "")]
    [InlineData("\"\"<sip:alice@example.com>", null, "sip:alice@example.com", "")]
    [InlineData("<sip:a@b?Replaces=x%3By>", null, "sip:a@b?Replaces=x%3By", "")]
    [Trait("Spec", "RFC 3261 20.10")]
    public void An_address_is_read_into_name_uri_and_parameters(
        string text, string? name, string uri, string parameters)
    {
        Assert.True(NameAddress.TryParse(text, out var address));

        Assert.Equal((name, uri, parameters), (address.DisplayName, address.Uri.Text, address.Parameters));
    }

    [Theory]
    [InlineData(""), InlineData("Alice"), InlineData("<>"), InlineData("<sip:a@b"), InlineData("sip:a@b>")]
    [InlineData("<alice>"), InlineData("\"a\ab\" <sip:a@b>"), InlineData("\"a\\\r\n\" <sip:a@b>"), InlineData("\u007F <sip:a@b>")]
    [InlineData("\"Alice <sip:a@b>"), InlineData("\"Alice\\\" <sip:a@b>"), InlineData("A, B <sip:a@b>")]
    [InlineData("<sip:a@b> x")]
    [InlineData("<sip:a@b>, <sip:c@d>"), InlineData("sip:a@b?Subject=x"), InlineData("*")]
    [InlineData("\"a\" \"b\" <sip:a@b>")]
    [Trait("Spec", "RFC 3261 20.10")]
    public void What_is_no_address_is_refused(string text) => Assert.False(NameAddress.TryParse(text, out _));

    [Fact, Trait("Spec", "RFC 3261 25.1")]
    public void Whatever_the_name_holds_what_is_written_reads_back()
    {
        Assert.True(SipUri.TryParse("sip:a@b", out var uri));
        string[] names = ["Ali", "A \"B\" C", "back\\slash", "<sip:x@y>", "a;tag=1, b", "Ünï 漢", "\\", "\""];
        foreach (var name in names)
        {
            var written = new NameAddress(uri, name, ";tag=1").ToString();

            Assert.True(NameAddress.TryParse(written, out var read), written);
            Assert.Equal((name, "1"), (read.DisplayName, read.Tag));
        }
    }

    [Fact, Trait("Spec", "RFC 3261 25.1")]
    public void A_name_cannot_bring_a_header_of_its_own()
    {
        Assert.True(SipUri.TryParse("sip:a@b", out var uri));

        var written = new NameAddress(uri, "x\r\nEvil: y\0\u0085").ToString();

        Assert.Equal("\"xEvil: y\" <sip:a@b>", written);
    }

    [Theory]
    [InlineData("<sip:a@b>;tag=abc;x", "tag", "abc"), InlineData("<sip:a@b>;TAG=abc", "tag", "abc")]
    [InlineData("<sip:a@b>;isfocus;+g.oma.sip-im", "isfocus", ""), InlineData("<sip:a@b;tag=uri>", "tag", null)]
    [InlineData("<sip:a@b>;x=\";tag=1\"", "tag", null), InlineData("<sip:a@b>;x=\"a\\\"b\"", "x", "a\"b")]
    [InlineData("<sip:a@b>; tag = abc ", "tag", "abc"), InlineData("<sip:a@b>;tag", "tag", "")]
    [Trait("Spec", "RFC 3261 25.1")]
    public void A_parameter_of_the_header_is_found(string text, string name, string? value)
    {
        Assert.True(NameAddress.TryParse(text, out var address));

        Assert.Equal(value, address.Parameter(name));
    }

    [Theory]
    [InlineData("<sip:a@b>;isfocus", true), InlineData("<sip:a@b;isfocus>", true)]
    [InlineData("<sip:a@b>;ISFOCUS", true)]
    [InlineData("<sip:a@b>", false), InlineData("\"isfocus\" <sip:isfocus@b>;x=isfocus", false)]
    [Trait("Spec", "RFC 4579 4.2")]
    public void A_focus_says_so_in_the_header_or_in_the_uri(string contact, bool isFocus)
    {
        Assert.True(NameAddress.TryParse(contact, out var address));

        Assert.Equal(isFocus, address.IsFocus());
    }
}
