using System.Text;
using ImSidecar.Protocol.ResourceLists;

namespace ImSidecar.Protocol.Tests.ResourceLists;

/// <summary>RFC 4826 3, RFC 5364 4, RFC 5366 5.</summary>
public class ResourceListXmlTests
{
    public static TheoryData<string> Documents => [.. Vectors.Names("resource-lists", "*.xml")];

    [Fact]
    public void The_example_is_understood_and_written_back()
    {
        var bytes = Vectors.Read("resource-lists/recipients.xml");

        Assert.True(ResourceListXml.TryParse(bytes, out var list, out _));

        Assert.Equal(
            [
                new("sip:bob@example.com?Replaces=a84b4c76e66710%3Bto-tag%3Da6c85cf%3Bfrom-tag%3D1928301774",
                    CopyControl: CopyControl.To),
                new ResourceListEntry("sip:ted@example.net", CopyControl: CopyControl.To),
                new ResourceListEntry("sip:dave@example.net", CopyControl: CopyControl.Bcc),
            ],
            list.Entries);
        Assert.Equal(Schemas.WithoutLayout(bytes), Schemas.WithoutLayout(ResourceListXml.Write(list)));
    }

    [Fact]
    public void Nested_lists_are_flattened_in_order_and_unknown_things_are_ignored()
    {
        Assert.True(ResourceListXml.TryParse(
            Vectors.Read("resource-lists/nested-with-extensions.xml"), out var list, out var error), error);

        Assert.Equal(
            [
                new("sip:one@example.com", "Eins & <Zwei>", null, Anonymize: true),
                new ResourceListEntry("sip:two@example.com", null, CopyControl.Cc),
                new ResourceListEntry("tel:+15551234"),
                new ResourceListEntry("sip:four@example.com"),
            ],
            list.Entries);
    }

    [Theory, MemberData(nameof(Documents))]
    public void Every_vector_is_valid(string name) => Assert.Empty(Schemas.ResourceLists.Errors(Vectors.Read(name)));

    [Fact]
    public void What_is_written_is_valid_and_says_the_same()
    {
        var list = new ResourceList(
        [
            new("sip:a@example.com;x=<\"&'>?Replaces=1%3B"),
            new("sip:b@example.com", "Größe \u0001\uFFFF\uD800 & <b>"),
            new("sip:c@example.com", "", CopyControl.Bcc, Anonymize: true),
            new("tel:+1", null, CopyControl.Cc),
        ]);

        var written = ResourceListXml.Write(list);

        Assert.Empty(Schemas.ResourceLists.Errors(written));
        Assert.True(ResourceListXml.TryParse(written, out var read, out _));
        Assert.Equal(list.Entries[0], read.Entries[0]);
        Assert.StartsWith("Größe ", read.Entries[1].DisplayName, StringComparison.Ordinal);
        Assert.Equal(list.Entries[2..], read.Entries[2..]);
        Assert.Empty(Schemas.ResourceLists.Errors(ResourceListXml.Write(new([]))));
    }

    [Fact]
    public void The_schema_test_sees_a_wrong_copy_control()
    {
        var wrong = Encoding.UTF8.GetString(Vectors.Read("resource-lists/recipients.xml"))
            .Replace("\"bcc\"", "\"blind\"", StringComparison.Ordinal);

        Assert.NotEmpty(Schemas.ResourceLists.Errors(Encoding.UTF8.GetBytes(wrong)));
    }

    [Theory]
    [InlineData("", "not well-formed")]
    [InlineData("<resource-lists", "not well-formed")]
    [InlineData("<!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>", "not well-formed")]
    [InlineData("<?xml version='1.0' encoding='nonsense'?><r/>", "not well-formed")]
    [InlineData("<?xml version='1.0' encoding='utf-7'?><r/>", "not well-formed")]
    [InlineData("<?xml version='1.0' encoding='ucs-4'?><r/>", "")]
    [InlineData("<?xml version='1.0' encoding='utf-16'?><r/>", "")]
    [InlineData("<resource-lists/>", "Not a resource-lists")]
    [InlineData("<r xmlns='urn:ietf:params:xml:ns:resource-lists'/>", "Not a resource-lists")]
    [InlineData("{<list><entry/></list>}", "no URI")]
    [InlineData("{<list><entry uri=' '/></list>}", "no URI")]
    [InlineData("{<list><entry-ref ref='x'/></list>}", "entry-ref")]
    [InlineData("{<list><list><external anchor='http://x'/></list></list>}", "external")]
    [InlineData("{<list><entry uri='sip:a@b' c:copyControl='blind'/></list>}", "copyControl")]
    [InlineData("{<list><entry uri='sip:a@b' c:anonymize='perhaps'/></list>}", "anonymize")]
    [InlineData("{<list><entry uri='sip:a@b'><display-name><b/></display-name></entry></list>}", "not well-formed")]
    public void What_cannot_be_used_is_refused_with_a_reason(string text, string reason)
    {
        var document = text
            .Replace("{", "<resource-lists xmlns='urn:ietf:params:xml:ns:resource-lists'"
                + " xmlns:c='urn:ietf:params:xml:ns:copycontrol'>", StringComparison.Ordinal)
            .Replace("}", "</resource-lists>", StringComparison.Ordinal);

        Assert.False(ResourceListXml.TryParse(Encoding.UTF8.GetBytes(document), out _, out var error));

        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_entries_depth_and_uris_are_bounded()
    {
        Assert.True(Parses(Repeat("<entry uri='sip:a@b'/>", 1000), out _));
        Assert.False(Parses(Repeat("<entry uri='sip:a@b'/>", 1001), out var tooMany));
        Assert.True(Parses(Repeat("<list>", 15) + Repeat("</list>", 15), out _));
        Assert.False(Parses(Repeat("<list>", 16) + Repeat("</list>", 16), out var tooDeep));
        Assert.False(Parses(new string(' ', 300_000), out var tooLarge));
        Assert.False(Parses($"<entry uri='sip:{new string('a', 3000)}@b'/>", out var tooLong));
        Assert.True(Parses(Repeat("<x>", 5000) + Repeat("</x>", 5000), out _));

        Assert.Equal(
            [
                "Too many recipients in the list", "Recipient list is nested too deeply",
                "Recipient list too large", "The URI of a recipient is too long",
            ],
            [tooMany, tooDeep, tooLarge, tooLong]);
    }

    [Theory, MemberData(nameof(Documents))]
    public void Damaged_documents_never_throw(string name)
    {
        foreach (var spoiled in Damage.Of(Vectors.Read(name)))
            Assert.Equal(ResourceListXml.TryParse(spoiled, out _, out var error), error.Length == 0);
    }

    private static bool Parses(string content, out string error) => ResourceListXml.TryParse(
        Encoding.UTF8.GetBytes($"<resource-lists xmlns='{ResourceListXml.Namespace}'>"
            + $"<list>{content}</list></resource-lists>"),
        out _, out error);

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
