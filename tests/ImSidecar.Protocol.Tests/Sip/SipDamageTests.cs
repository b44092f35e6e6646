using System.Text;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Tests.Sip;

/// <summary>Whatever arrives: the readers answer, and what they accept they can write and read again.</summary>
public class SipDamageTests
{
    private static readonly string[] good =
    [
        "sip:alice:pw@example.com:5060;transport=tcp;lr?Subject=x&Replaces=a%3Bb",
        "sips:a;b?c@[2001:db8::1]:5061",
        "tel:+1-(555)-01.00;phone-context=example.com",
        "\"Ali \\\"the\\\" <C>\" <sip:alice@example.com;lr?a=b>;tag=88x;+g.oma.sip-im;x=\"y;z\"",
        "Alice <sip:alice@example.com>;tag=1, Bob <sip:bob@example.com>;tag=2",
        "1800;refresher=uac;x=\"1\"",
        "*;+g.oma.sip-im;require;explicit",
    ];

    public static TheoryData<string> Good => [.. good];

    [Theory, MemberData(nameof(Good)), Trait("Spec", "RFC 4475")]
    public void Spoiled_values_never_throw(string text)
    {
        foreach (var spoiled in Damage.Of(Encoding.UTF8.GetBytes(text)))
        {
            TryAll(Encoding.UTF8.GetString(spoiled));
            TryAll(Encoding.Latin1.GetString(spoiled));
        }
    }

    private static void TryAll(string text)
    {
        if (SipUri.TryParse(text, out var uri))
        {
            Assert.True(uri.Text.Length <= SipUri.MaxLength);
            Assert.True(SipUri.TryParse(uri.Text, out var again) && again.Equals(uri));
            Assert.True(SipUri.TryParse(uri.Bare.Text, out var bare), uri.Bare.Text);
            Assert.Equal(uri.AddressKey, bare.AddressKey);
            Assert.DoesNotContain(uri.Text, each => each is <= ' ' or > '~');
        }

        if (NameAddress.TryParse(text, out var address))
        {
            Assert.True(NameAddress.TryParse(address.ToString(), out var again), address.ToString());
            Assert.Equal(address.Uri, again.Uri);
            Assert.Equal(address.Tag, again.Tag);
            _ = address.IsFocus();
        }

        _ = SessionExpires.TryParse(text, out _);
        _ = SipParameters.Find(text, "tag");
        _ = SipParameters.Unquote(text);
        _ = SipHeaders.Of(("Contact", text)).Values("m");
        Assert.Equal(2, SipParameters.Quote(text).Count(each => each == '"') - text.Count(each => each == '"'));
    }
}
