using System.Text;
using ImSidecar.Protocol.Registration;

namespace ImSidecar.Protocol.Tests.Registration;

/// <summary>application/reginfo+xml, RFC 3680 5.</summary>
public class RegistrationInfoXmlTests
{
    private const string Document =
        """
        <?xml version="1.0"?>
        <reginfo xmlns="urn:ietf:params:xml:ns:reginfo" xmlns:g="urn:ietf:params:xml:ns:gruuinfo" version="7" state="partial">
          <registration aor="sip:bob@example.com" id="as9" state="active">
            <contact id="76" state="active" event="registered" duration-registered="7322" expires="600" q="0.8">
              <uri> sip:bob@192.0.2.1:5060;a&amp;b </uri>
              <display-name xml:lang="en">Bob</display-name>
              <unknown-param name="+g.oma.sip-im"></unknown-param>
              <unknown-param name="+g.3gpp.icsi-ref">"urn%3Aurn-7"</unknown-param>
              <unknown-param name="audio"/>
              <g:pub-gruu uri="sip:bob@example.com;gr=1"/>
            </contact>
            <contact id="77" state="terminated" event="expired"><uri>sip:bob@192.0.2.2</uri></contact>
            <contact id="78" state="active" event="created"/>
          </registration>
          <registration aor="tel:+12015550123" id="as10" state="terminated"/>
        </reginfo>
        """;

    private static RegistrationInfo Parse(string text)
    {
        Assert.True(RegistrationInfoXml.TryParse(Encoding.UTF8.GetBytes(text), out var info, out var error), error);
        return info;
    }

    private static string Refused(string text)
    {
        Assert.False(RegistrationInfoXml.TryParse(Encoding.UTF8.GetBytes(text), out _, out var error));
        return error;
    }

    [Fact]
    public void All_that_is_told_is_read_and_what_else_stands_there_is_read_over()
    {
        var info = Parse(Document);

        Assert.Equal((7L, false), (info.Version, info.IsFull));
        Assert.Equal(
            [("sip:bob@example.com", true), ("tel:+12015550123", false)],
            info.Addresses.Select(each => (each.AddressOfRecord, each.IsActive)));
        Assert.Equal(
            [("sip:bob@192.0.2.1:5060;a&b", true, (int?)600), ("sip:bob@192.0.2.2", false, null)],
            info.Addresses[0].Contacts.Select(each => (each.Uri, each.IsActive, each.Expires)));
        Assert.Equal(
            ["+g.oma.sip-im", "+g.3gpp.icsi-ref=\"urn%3Aurn-7\""], info.Addresses[0].Contacts[0].FeatureTags);
        Assert.Empty(info.Addresses[0].Contacts[1].FeatureTags);
        Assert.Empty(info.Addresses[1].Contacts);
    }

    [Theory]
    [InlineData("<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' version='1' state='full'/>", true)]
    [InlineData("<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' version='1' state='some'/>", false)]
    [InlineData("<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' version='-1' state='full'/>", false)]
    [InlineData("<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' state='full'/>", false)]
    [InlineData("<reginfo version='1' state='full'/>", false)]
    [InlineData("<!DOCTYPE reginfo><reginfo xmlns='urn:ietf:params:xml:ns:reginfo' version='1' state='full'/>", false)]
    [InlineData("<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' version='1' state='full'><registration/></reginfo>", false)]
    [InlineData("", false)]
    public void What_is_no_such_document_is_refused(string text, bool isOne) =>
        Assert.Equal(isOne, RegistrationInfoXml.TryParse(Encoding.UTF8.GetBytes(text), out _, out _));

    [Fact]
    public void Too_much_of_anything_is_refused()
    {
        const string open = "<reginfo xmlns='urn:ietf:params:xml:ns:reginfo' version='1' state='full'>";
        string Many(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

        Assert.Contains("addresses", Refused(open + Many("<registration aor='a'/>", 101) + "</reginfo>"));
        Assert.Contains("contacts", Refused(
            open + "<registration aor='a'>" + Many("<contact/>", 201) + "</registration></reginfo>"));
        Assert.Contains("deeply", Refused(open + Many("<x>", 20) + Many("</x>", 20) + "</reginfo>"));
        Assert.Contains("large", Refused(open + new string(' ', RegistrationInfoXml.MaxBytes) + "</reginfo>"));
    }

    [Fact]
    public void Damage_never_throws()
    {
        var good = Encoding.UTF8.GetBytes(Document);
        for (var i = 0; i < good.Length; i++)
        {
            _ = RegistrationInfoXml.TryParse(good.AsMemory(0, i), out _, out _);
            var flipped = good.ToArray();
            flipped[i] ^= 0x15;
            _ = RegistrationInfoXml.TryParse(flipped, out _, out _);
        }
    }
}
