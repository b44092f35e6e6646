using System.Text;
using System.Xml.Linq;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Protocol.Tests.Xdm;

/// <summary>The outline of a document: the same elements as an XML reader sees, where they stand.</summary>
public class XmlOutlineTests
{
    private const string Odd = """
        <?xml version="1.0"?><!-- <a> --><?p <b> ?>
        <p:root xmlns:p = "urn:p" xmlns='urn:d' a = '1>2' p:b="&quot;&lt;x&gt;&#10;"  >
          text <!-- <c/> --> <![CDATA[ <d> ]]>
          <e/><e  x="/" /><p:f xmlns:p="urn:q" xmlns=""><g p:h="1"/></p:f >
        </p:root>
        <!-- </z> -->
        """;

    private const string Marks = "<>/\"'=&: ?![]-\0\u00ff";

    [Fact]
    public void Every_element_is_found_with_its_namespace_and_attributes()
    {
        Assert.True(XmlOutline.TryRead(Odd, out var outline, out _));

        AssertSame(Parse(Odd), outline.Root, outline.Text);
        Assert.Equal("<p:f xmlns:p=\"urn:q\" xmlns=\"\"><g p:h=\"1\"/></p:f >", outline.Root.Children[2].TextIn(Odd));
        Assert.Equal("<e  x=\"/\" />", outline.Root.Children[1].TextIn(Odd));
    }

    [Fact]
    public void Documents_at_random_are_read_as_an_XML_reader_reads_them()
    {
        var random = new Random(4825);
        for (var round = 0; round < 300; round++)
        {
            var text = RandomXml.Document(random);

            Assert.True(XmlOutline.TryRead(text, out var outline, out var error), error?.Phrase + "\n" + text);
            AssertSame(Parse(text), outline.Root, text);
            Assert.Equal(text, Encoding.UTF8.GetString(outline.ToBytes()));
        }
    }

    [Fact]
    public void Spoiled_documents_never_throw()
    {
        var random = new Random(11);
        var document = Encoding.UTF8.GetBytes(Odd);
        for (var round = 0; round < 5000; round++)
        {
            var spoiled = document.ToArray();
            for (var hit = random.Next(1, 4); hit > 0; hit--)
                spoiled[random.Next(spoiled.Length)] = (byte)Marks[random.Next(Marks.Length)];

            if (XmlOutline.TryRead(spoiled.AsMemory(0, random.Next(spoiled.Length)), out var outline, out _))
                Assert.NotNull(outline.Root);
            if (XmlOutline.TryRead(spoiled, out outline, out _))
                AssertSame(Parse(outline.Text), outline.Root, outline.Text);
        }
    }

    [Theory]
    [InlineData("", XcapErrorKind.NotWellFormed)]
    [InlineData("text", XcapErrorKind.NotWellFormed)]
    [InlineData("<a>", XcapErrorKind.NotWellFormed)]
    [InlineData("<a/><b/>", XcapErrorKind.NotWellFormed)]
    [InlineData("<a p:b='1'/>", XcapErrorKind.NotWellFormed)]
    [InlineData("<a b='1' b='2'/>", XcapErrorKind.NotWellFormed)]
    [InlineData("<!DOCTYPE a><a/>", XcapErrorKind.NotWellFormed)]
    [InlineData("<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>", XcapErrorKind.NotWellFormed)]
    [InlineData("<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a>&e;</a>", XcapErrorKind.NotWellFormed)]
    [InlineData("<a>&nbsp;</a>", XcapErrorKind.NotWellFormed)]
    [InlineData("<?xml version='1.1'?><a/>", XcapErrorKind.NotWellFormed)]
    [InlineData("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", XcapErrorKind.NotUtf8)]
    [InlineData("<?xml version='1.0' encoding=\"UTF-16\"?><a/>", XcapErrorKind.NotUtf8)]
    public void What_is_no_document_is_named(string text, XcapErrorKind kind)
    {
        Assert.False(XmlOutline.TryRead(Encoding.UTF8.GetBytes(text), out _, out var error));

        Assert.Equal(kind, error.Kind);
    }

    [Fact]
    public void Only_UTF8_is_read()
    {
        byte[] utf16 = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("<a/>")];
        Assert.False(XmlOutline.TryRead(Encoding.Latin1.GetBytes("<é/>"), out _, out var latin));
        Assert.False(XmlOutline.TryRead(utf16, out _, out var wide));
        Assert.True(XmlOutline.TryRead((byte[])[0xEF, 0xBB, 0xBF, .. "<é/>"u8], out var marked, out _));

        Assert.Equal(XcapErrorKind.NotUtf8, latin.Kind);
        Assert.Equal(XcapErrorKind.NotUtf8, wide.Kind);
        Assert.Equal("<é/>", marked.Text);
    }

    [Fact]
    public void Depth_and_count_are_bounded()
    {
        var deep = string.Concat(Enumerable.Repeat("<a>", 10_000)) + string.Concat(Enumerable.Repeat("</a>", 10_000));
        var many = "<a>" + string.Concat(Enumerable.Repeat("<b/>", XmlOutline.MaxElements)) + "</a>";

        Assert.False(XmlOutline.TryRead(deep, out _, out var tooDeep));
        Assert.False(XmlOutline.TryRead(many, out _, out var tooMany));
        Assert.Equal(XcapErrorKind.ConstraintFailure, tooDeep.Kind);
        Assert.Equal(XcapErrorKind.ConstraintFailure, tooMany.Kind);
    }

    private static XElement Parse(string text) => XDocument.Parse(text, LoadOptions.PreserveWhitespace).Root!;

    private static void AssertSame(XElement expected, OutlineElement actual, string text)
    {
        Assert.Equal(expected.Name, XName.Get(actual.Local, actual.Namespace));
        Assert.Equal(
            expected.Attributes().Where(each => !each.IsNamespaceDeclaration).Select(each => (each.Name, each.Value)),
            actual.Attributes.Select(each => (XName.Get(each.Local, each.Namespace), each.Value)));
        Assert.Equal('<', text[actual.Start]);
        Assert.Equal('>', text[actual.End - 1]);
        Assert.Equal('>', text[actual.ContentStart - 1]);
        Assert.Equal(expected.Elements().Count(), actual.Children.Count);
        foreach (var (child, outline) in expected.Elements().Zip(actual.Children))
            AssertSame(child, outline, text);
    }
}

/// <summary>Well-formed documents with what XML allows and few people write.</summary>
internal static class RandomXml
{
    private static readonly string[] _fillers =
    [
        "", " ", "text", "\r\n", "<!-- <x> -->", "<!--><x/>-->", "<![CDATA[</y>]]>", "<?pi <z ?>", "&amp;", "&#x3c;",
        "'\">",
    ];

    public static string Document(Random random) =>
        (random.Next(2) == 0 ? "<?xml version=\"1.0\" encoding='utf-8' ?>\n" : "")
        + Element(random, depth: 0, [])
        + (random.Next(3) == 0 ? "<!-- end -->" : "");

    private static string Element(Random random, int depth, HashSet<string> prefixes)
    {
        var scope = new HashSet<string>(prefixes);
        var tag = new StringBuilder();
        if (random.Next(3) == 0)
            tag.Append($" xmlns='urn:d{random.Next(3)}'");
        if (random.Next(3) == 0 && scope.Add("p"))
            tag.Append($"\nxmlns:p = \"urn:p{random.Next(3)}\"");
        for (var number = random.Next(3); number > 0; number--)
            tag.Append($" a{number}{Space(random)}={Space(random)}{Value(random)}");
        if (scope.Contains("p") && random.Next(3) == 0)
            tag.Append(" p:b='&lt;'");

        var name = (scope.Contains("p") && random.Next(2) == 0 ? "p:" : "") + "e" + random.Next(3);
        if (random.Next(4) == 0)
            return $"<{name}{tag}{Space(random)}/>";

        var content = new StringBuilder();
        for (var number = depth > 4 ? 0 : random.Next(4); number > 0; number--)
            content.Append(_fillers[random.Next(_fillers.Length)]).Append(Element(random, depth + 1, scope));
        content.Append(_fillers[random.Next(_fillers.Length)]);
        return $"<{name}{tag}{Space(random)}>{content}</{name}{Space(random)}>";
    }

    private static string Space(Random random) => random.Next(3) switch
    {
        0 => " ",
        1 => "\n\t",
        _ => "",
    };

    private static string Value(Random random) => random.Next(4) switch
    {
        0 => "'a>b/\"c'",
        1 => "\"'&#65;&amp;\"",
        2 => "\"x\ty\"",
        _ => "''",
    };
}
