using System.Text;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Protocol.Tests.Xdm;

/// <summary>RFC 5874 4.</summary>
public class XcapDiffXmlTests
{
    private static readonly XcapDiff sample = new("http://xcap.example.com/root/",
    [
        new("resource-lists/users/sip:joe@example.com/index", null, "7ahggs"),
        new("org.openmobilealliance.groups/users/sip:joe@example.com/a%20%22b%22", "8a77f8d", "fgherhryt3"),
        new("resource-lists/users/sip:joe@example.com/gone", "terteer", null),
    ]);

    [Fact]
    public void What_is_written_is_valid_and_reads_back()
    {
        var written = XcapDiffXml.Write(sample);

        Assert.Empty(Schemas.XcapDiff.Errors(written));
        Assert.True(XcapDiffXml.TryParse(written, out var read, out var error), error);
        Assert.Equal(sample.Root, read.Root);
        Assert.Equal(sample.Documents, read.Documents);
    }

    [Fact]
    public void A_document_without_changes_is_valid_too()
    {
        var written = XcapDiffXml.Write(sample with { Documents = [] });

        Assert.Empty(Schemas.XcapDiff.Errors(written));
        Assert.True(XcapDiffXml.TryParse(written, out var read, out _));
        Assert.Empty(read.Documents);
    }

    [Fact]
    public void Patches_elements_and_attributes_of_a_peer_are_read_over_and_quotes_are_taken_off()
    {
        var bytes = Vectors.Read("xcap-diff/peer.xml");

        Assert.Empty(Schemas.XcapDiff.Errors(bytes));
        Assert.True(XcapDiffXml.TryParse(bytes, out var read, out var error), error);
        Assert.Equal(
            [
                new("resource-lists/users/sip:joe@example.com/index", null, "7ahggs"),
                new("rls-services/users/sip:joe@example.com/index", "8a77f8d", "fgherhryt3"),
                new DocumentDiff("pidf-manipulation/users/sip:joe@example.com/index", "terteer", null),
            ],
            read.Documents);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<xcap-diff xcap-root=\"r\"/>")]
    [InlineData("<xcap-diff xmlns=\"urn:ietf:params:xml:ns:xcap-diff\"/>")]
    [InlineData("<xcap-diff xmlns=\"urn:ietf:params:xml:ns:xcap-diff\" xcap-root=\"r\"><document/></xcap-diff>")]
    [InlineData("<xcap-diff xmlns=\"urn:ietf:params:xml:ns:xcap-diff\" xcap-root=\"\"><document sel=\"\"></xcap-diff>")]
    [InlineData("<!DOCTYPE x><xcap-diff xmlns=\"urn:ietf:params:xml:ns:xcap-diff\" xcap-root=\"r\"/>")]
    public void What_is_none_is_refused(string text)
    {
        Assert.False(XcapDiffXml.TryParse(Encoding.UTF8.GetBytes(text), out _, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Size_depth_and_number_are_bounded()
    {
        string[] tooMuch =
        [
            string.Concat(Enumerable.Repeat("<a>", XcapDiffXml.MaxDepth + 1))
                + string.Concat(Enumerable.Repeat("</a>", XcapDiffXml.MaxDepth + 1)),
            string.Concat(Enumerable.Repeat("<document sel=\"a\"/>", XcapDiffXml.MaxDocuments + 1)),
            new string(' ', XcapDiffXml.MaxBytes),
        ];
        foreach (var content in tooMuch)
        {
            var text = $"<xcap-diff xmlns=\"{XcapDiffXml.Namespace}\" xcap-root=\"r\">{content}</xcap-diff>";
            Assert.False(XcapDiffXml.TryParse(Encoding.UTF8.GetBytes(text), out _, out _));
        }
    }

    [Fact]
    public void Spoiled_input_is_read_or_refused_and_never_throws()
    {
        foreach (var spoiled in Damage.Of(XcapDiffXml.Write(sample)))
            _ = XcapDiffXml.TryParse(spoiled, out _, out _);
    }
}
