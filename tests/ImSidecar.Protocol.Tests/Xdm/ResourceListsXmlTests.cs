using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Protocol.Tests.Xdm;

/// <summary>RFC 4826 3: the lists that a user keeps.</summary>
public class ResourceListsXmlTests
{
    [Fact]
    public void The_example_is_understood()
    {
        var lists = Read(Vectors.Read("xdm/lists.xml")).Lists;

        Assert.Equal(
            ["oma_buddylist", "oma_grantedcontacts", "oma_blockedcontacts"], lists.Select(list => list.Name));
        Assert.Equal(new ListEntry("sip:alice@example.com", "Alice"), Assert.Single(lists[0].Items));
        Assert.Contains(
            "oma_buddylist",
            Assert.IsType<ExternalList>(Assert.Single(lists[1].Items)).Anchor,
            StringComparison.Ordinal);
        Assert.Equal(new ListEntry("sip:mallory@evil.example", null), Assert.Single(lists[2].Items));
        Assert.Empty(Schemas.ResourceLists.Errors(Vectors.Read("xdm/lists.xml")));
    }

    [Fact]
    public void Lists_in_lists_references_and_names_are_kept_in_order()
    {
        var list = Assert.Single(Read(Lists(
            "<list name='a'><display-name>A</display-name><entry uri='sip:1@x'/><list><entry-ref ref='r'/></list>"
            + "<external anchor='e'/><x:entry xmlns:x='urn:x' uri='sip:2@x'/><entry/></list>"
            + "<entry uri='sip:3@x'/>")).Lists);

        Assert.Equal("A", list.DisplayName);
        Assert.Equal(3, list.Items.Length);
        Assert.Equal(new ListEntry("sip:1@x", null), list.Items[0]);
        var nested = Assert.IsType<NestedList>(list.Items[1]).List;
        Assert.Null(nested.Name);
        Assert.Equal(new ListEntryReference("r"), Assert.Single(nested.Items));
        Assert.Equal(new ExternalList("e"), list.Items[2]);
    }

    [Fact]
    public void What_cannot_be_used_is_refused_with_a_reason()
    {
        Assert.Equal(
            [
                "Not a resource-lists document", "Document is not well-formed XML without DTD",
                "Document is nested too deeply", "Document has too many entries",
            ],
            [
                Error(Xml.Bytes("<resource-lists/>")),
                Error(Xml.Bytes("<resource-lists>")),
                Error(Lists(Xml.Repeat("<list>", 32) + Xml.Repeat("</list>", 32))),
                Error(Lists($"<list>{Xml.Repeat("<entry uri='sip:a@b'/>", 20_001)}</list>")),
            ]);
    }

    [Fact]
    public void Damaged_documents_never_throw()
    {
        foreach (var spoiled in Damage.Of(Vectors.Read("xdm/lists.xml")))
            Assert.Equal(ResourceListsXml.TryParse(spoiled, out _, out var error), error.Length == 0);
    }

    private static byte[] Lists(string content) =>
        Xml.Bytes($"<resource-lists xmlns='{XdmNames.ResourceLists}'>{content}</resource-lists>");

    private static ResourceListsDocument Read(byte[] document)
    {
        Assert.True(ResourceListsXml.TryParse(document, out var read, out var error), error);
        return read;
    }

    private static string Error(byte[] document)
    {
        Assert.False(ResourceListsXml.TryParse(document, out _, out var error));
        return error;
    }
}
