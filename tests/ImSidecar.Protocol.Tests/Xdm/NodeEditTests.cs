using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Protocol.Tests.Xdm;

/// <summary>Where elements and attributes go, RFC 4825 8.2 and 8.3; the rest of the document keeps its bytes.</summary>
public class NodeEditTests
{
    private const string Namespace = "urn:d";

    [Theory]
    [InlineData("<r xmlns='urn:d'><a/> <b/></r>", "r/b", "<b x='1'/>", "<r xmlns='urn:d'><a/> <b x='1'/></r>")]
    [InlineData("<r xmlns='urn:d'><a/> <b/></r>", "r", "<r xmlns='urn:d'/>", "<r xmlns='urn:d'/>")]
    [InlineData("<r xmlns='urn:d'><a i='1'/><a i='2'/></r>", "r/a[@i=\"2\"]", "<a i='2'>x</a>",
        "<r xmlns='urn:d'><a i='1'/><a i='2'>x</a></r>")]
    [InlineData("<r xmlns='urn:d'><a/><a/><a/></r>", "r/a[2]", "<a>x</a>", "<r xmlns='urn:d'><a/><a>x</a><a/></r>")]
    [InlineData("<r xmlns='urn:d'><a/><b/></r>", "r/*[2]", "<c/>", "<r xmlns='urn:d'><a/><c/></r>")]
    [InlineData("<r xmlns='urn:d'><a i='1'/><a i='2'/></r>", "r/a[2][@i=\"2\"]", " <a i='2' j=''/>\n",
        "<r xmlns='urn:d'><a i='1'/><a i='2' j=''/></r>")]
    public void An_element_that_is_there_is_replaced(string before, string selector, string body, string after) =>
        AssertPut(before, selector, body, after, isNew: false);

    [Theory]
    [InlineData("<r xmlns='urn:d'/>", "r/a", "<a/>", "<r xmlns='urn:d'><a/></r>")]
    [InlineData("<p:r xmlns:p='urn:d' />", "r/a", "<p:a/>", "<p:r xmlns:p='urn:d' ><p:a/></p:r>")]
    [InlineData("<r xmlns='urn:d'> <b/> </r>", "r/a", "<a/>", "<r xmlns='urn:d'> <b/><a/> </r>")]
    [InlineData("<r xmlns='urn:d'><a i='1'/><b/></r>", "r/a[@i=\"2\"]", "<a i='2'/>",
        "<r xmlns='urn:d'><a i='1'/><a i='2'/><b/></r>")]
    [InlineData("<r xmlns='urn:d'><a/><b/></r>", "r/a[2]", "<a>x</a>", "<r xmlns='urn:d'><a/><a>x</a><b/></r>")]
    [InlineData("<r xmlns='urn:d'><a i='1'/><b/></r>", "r/a[1][@i=\"2\"]", "<a i='2'/>",
        "<r xmlns='urn:d'><a i='2'/><a i='1'/><b/></r>")]
    [InlineData("<r xmlns='urn:d'><a/><b/></r>", "r/*[3]", "<c/>", "<r xmlns='urn:d'><a/><b/><c/></r>")]
    [InlineData("<r xmlns='urn:d'><a i='1'/><b/></r>", "r/*[2][@i=\"2\"]", "<c i='2'/>",
        "<r xmlns='urn:d'><a i='1'/><c i='2'/><b/></r>")]
    [InlineData("<r xmlns='urn:d'><l><x/></l></r>", "r/l/x[2]", "<x>2</x>", "<r xmlns='urn:d'><l><x/><x>2</x></l></r>")]
    public void An_element_that_is_not_there_is_inserted(string before, string selector, string body, string after) =>
        AssertPut(before, selector, body, after, isNew: true);

    [Fact]
    public void An_element_of_a_new_name_goes_where_the_document_is_acceptable()
    {
        var document = Read("<r xmlns='urn:d'><a/><c/><d/></r>");

        var result = NodeEdit.PutElement(
            document, Selector("r/b"), Namespace, "<b/>",
            next => next.Text.Contains("<a/><b/><c/>", StringComparison.Ordinal));

        Assert.Equal("<r xmlns='urn:d'><a/><b/><c/><d/></r>", result.Document!.Text);
    }

    [Theory]
    [InlineData("r/a", "<b/>", XcapErrorKind.CannotInsert)]
    [InlineData("r/x[@i=\"1\"]", "<x i='2'/>", XcapErrorKind.CannotInsert)]
    [InlineData("r/a[3]", "<a/>", XcapErrorKind.CannotInsert)]
    [InlineData("r/a[0]", "<a/>", XcapErrorKind.CannotInsert)]
    [InlineData("r/*[9]", "<a/>", XcapErrorKind.CannotInsert)]
    [InlineData("other", "<other xmlns='urn:d'/>", XcapErrorKind.CannotInsert)]
    [InlineData("r/a", "<a xmlns='urn:other'/>", XcapErrorKind.CannotInsert)]
    [InlineData("r/b", "<b/>", XcapErrorKind.CannotInsert)]
    [InlineData("r/a", "", XcapErrorKind.NotXmlFragment)]
    [InlineData("r/a", "text", XcapErrorKind.NotXmlFragment)]
    [InlineData("r/a", "<a/><a/>", XcapErrorKind.NotXmlFragment)]
    [InlineData("r/a", "<a/>text", XcapErrorKind.NotXmlFragment)]
    [InlineData("r/a", "<a>", XcapErrorKind.NotXmlFragment)]
    [InlineData("r/a", "<q:a/>", XcapErrorKind.NotXmlFragment)]
    [InlineData("r/a", "<!DOCTYPE a><a/>", XcapErrorKind.NotXmlFragment)]
    [InlineData("r/a", "<?xml version='1.0'?><a/>", XcapErrorKind.NotXmlFragment)]
    [InlineData("r/a", "<a>&e;</a>", XcapErrorKind.NotXmlFragment)]
    public void What_a_GET_would_not_give_back_is_refused(string selector, string body, XcapErrorKind kind)
    {
        var result = NodeEdit.PutElement(
            Read("<r xmlns='urn:d'><a/><b/><b/></r>"), Selector(selector), Namespace, body, _ => true);

        Assert.Null(result.Document);
        Assert.Equal(kind, result.Error!.Kind);
    }

    [Theory]
    [InlineData("r/x/y", 1)]
    [InlineData("r/a/x/y", 2)]
    [InlineData("r/b/y", 1)]
    [InlineData("z/y", 0)]
    public void Without_a_parent_the_closest_ancestor_is_told(string selector, int steps)
    {
        var document = Read("<r xmlns='urn:d'><a/><b/><b/></r>");

        var element = NodeEdit.PutElement(document, Selector(selector), Namespace, "<y/>", _ => true);
        var attribute = NodeEdit.PutAttribute(document, Selector(selector + "/@q"), Namespace, "v");

        Assert.Equal((XcapErrorKind.NoParent, steps), (element.Error!.Kind, element.ExistingSteps));
        Assert.Equal(XcapErrorKind.NoParent, attribute.Error!.Kind);
    }

    [Fact]
    public void An_element_is_deleted_and_nothing_else()
    {
        Assert.Equal(
            "<r xmlns='urn:d'> <b/> </r>",
            NodeEdit.DeleteElement(Read("<r xmlns='urn:d'> <a x=''>t</a><b/> </r>"), Selector("r/a"), Namespace)
                .Document!.Text);
    }

    [Fact]
    public void A_deletion_that_would_not_last_is_refused()
    {
        var document = Read("<r xmlns='urn:d'><a/><a/></r>");

        Assert.Equal(
            XcapErrorKind.CannotDelete, NodeEdit.DeleteElement(document, Selector("r/a[1]"), Namespace).Error!.Kind);
        Assert.NotNull(NodeEdit.DeleteElement(document, Selector("r/a[2]"), Namespace).Document);
        Assert.Same(NodeEditResult.Missing, NodeEdit.DeleteElement(document, Selector("r/a"), Namespace));
        Assert.Same(NodeEditResult.Missing, NodeEdit.DeleteElement(document, Selector("r/x"), Namespace));
        Assert.Equal(
            XcapErrorKind.SchemaValidationError,
            NodeEdit.DeleteElement(document, Selector("r"), Namespace).Error!.Kind);
    }

    [Theory]
    [InlineData("r/a/@x", "new", "<r xmlns='urn:d' xmlns:p='urn:p'><a x=\"new\" y='2'/></r>", false)]
    [InlineData("r/a/@z", "new", "<r xmlns='urn:d' xmlns:p='urn:p'><a z=\"new\" x='1' y='2'/></r>", true)]
    [InlineData("r/a/@y", "a\"b&lt;", "<r xmlns='urn:d' xmlns:p='urn:p'><a x='1' y=\"a&quot;b&lt;\"/></r>", false)]
    [InlineData(
        "r/a/@q:z?xmlns(q=urn:p)", "n", "<r xmlns='urn:d' xmlns:p='urn:p'><a p:z=\"n\" x='1' y='2'/></r>", true)]
    public void An_attribute_is_set(string selector, string value, string after, bool isNew)
    {
        var result = NodeEdit.PutAttribute(
            Read("<r xmlns='urn:d' xmlns:p='urn:p'><a x='1' y='2'/></r>"), Selector(selector), Namespace, value);

        Assert.Equal((after, isNew), (result.Document!.Text, result.IsNew));
    }

    [Theory]
    [InlineData("r/a/@x", "<", XcapErrorKind.NotXmlAttributeValue)]
    [InlineData("r/a/@x", "a&b", XcapErrorKind.NotXmlAttributeValue)]
    [InlineData("r/a/@x", "&e;", XcapErrorKind.NotXmlAttributeValue)]
    [InlineData("r/a/@x", "\u0001", XcapErrorKind.NotXmlAttributeValue)]
    [InlineData("r/a[@x=\"1\"]/@x", "2", XcapErrorKind.CannotInsert)]
    [InlineData("r/a/@q:z?xmlns(q=urn:q)", "n", XcapErrorKind.CannotInsert)]
    public void What_is_no_value_or_would_not_be_found_is_refused(string selector, string value, XcapErrorKind kind)
    {
        var result = NodeEdit.PutAttribute(
            Read("<r xmlns='urn:d'><a x='1' y='2'/></r>"), Selector(selector), Namespace, value);

        Assert.Equal(kind, result.Error!.Kind);
    }

    [Fact]
    public void An_attribute_is_deleted()
    {
        var document = Read("<r xmlns='urn:d'><a  x='1' y='2' /></r>");

        Assert.Equal(
            "<r xmlns='urn:d'><a y='2' /></r>",
            NodeEdit.DeleteAttribute(document, Selector("r/a/@x"), Namespace).Document!.Text);
        Assert.Same(NodeEditResult.Missing, NodeEdit.DeleteAttribute(document, Selector("r/a/@z"), Namespace));
    }

    [Fact]
    public void What_was_put_is_what_is_selected_whatever_the_document()
    {
        var random = new Random(8);
        string[] selectors =
            ["e0/e1", "e1/e2[2]", "*/*[1]", "*/e0[@a1=\"'A&amp;\"]", "*/*/e2", "*/p:e1?xmlns(p=urn:p1)"];
        for (var round = 0; round < 2000; round++)
        {
            var document = Read(RandomXml.Document(random));
            var selector = Selector(selectors[random.Next(selectors.Length)]);
            var ns = "urn:d" + random.Next(3);
            var body = $"<e{random.Next(3)} xmlns='{ns}' a1=\"'A&amp;\"/>";

            var put = NodeEdit.PutElement(document, selector, ns, body, _ => true);
            if (put.Document is { } next)
                Assert.Equal(body, NodeSelection.Select(next, selector, ns)!.TextIn(next.Text));

            if (NodeEdit.DeleteElement(document, selector, ns).Document is { } shorter)
                Assert.Null(NodeSelection.Select(shorter, selector, ns));
        }
    }

    private static void AssertPut(string before, string selector, string body, string after, bool isNew)
    {
        var result = NodeEdit.PutElement(Read(before), Selector(selector), Namespace, body, _ => true);

        Assert.Equal((after, isNew), (result.Document?.Text, result.IsNew));
    }

    private static XmlOutline Read(string text)
    {
        Assert.True(XmlOutline.TryRead(text, out var outline, out var error), error?.Phrase);
        return outline;
    }

    private static NodeSelector Selector(string text)
    {
        Assert.Equal(XcapUriResult.Ok, XcapUri.Parse("resource-lists/users/a/b/~~/" + text, out var uri));
        return uri.Node!;
    }
}
