using System.Xml;
using System.Xml.Linq;
using ImSidecar.Protocol.Mime;

namespace ImSidecar.Protocol.Xdm;

/// <summary>Reads a small XML document as a whole, bounded in bytes, depth, elements and attributes.</summary>
internal static class XmlTree
{
    public const int MaxBytes = 1024 * 1024;
    public const int MaxDepth = 32;
    public const int MaxNodes = 200_000;
    public const int MaxAttributes = 64;

    private const string Declarations = "http://www.w3.org/2000/xmlns/";

    public static bool TryRead(ReadOnlyMemory<byte> body, out XElement root, out string error)
    {
        root = null!;
        error = body.Length > MaxBytes ? "Document is too large" : "";
        if (error.Length > 0)
            return false;

        try
        {
            using var reader = XmlBody.Open(body);
            error = Read(reader, out root) ?? "";
        }
        catch (XmlException)
        {
            error = "Document is not well-formed XML without DTD";
        }

        return error.Length == 0;
    }

    /// <summary>The text of an element without children, trimmed; null when it has children.</summary>
    public static string? Text(this XElement element) => element.HasElements ? null : element.Value.Trim();

    public static bool Is(this XElement element, string xmlNamespace, string name) =>
        element.Name.LocalName == name && element.Name.NamespaceName == xmlNamespace;

    public static XElement? Child(this XElement element, string xmlNamespace, string name) =>
        element.Elements().FirstOrDefault(child => child.Is(xmlNamespace, name));

    /// <summary>True if two children that we may read have one name: then it is not clear what is meant.</summary>
    public static bool SaysTwice(this XElement element)
    {
        var seen = new HashSet<XName>();
        return !element.Elements().Where(child => IsOurs(child.Name)).All(child => seen.Add(child.Name));
    }

    private static bool IsOurs(XName name) =>
        name.NamespaceName is XdmNames.ListService or XdmNames.CommonPolicy or XdmNames.Extensions;

    /// <summary>The value of an attribute without namespace, trimmed.</summary>
    public static string? Text(this XElement element, string attribute) => element.Attribute(attribute)?.Value.Trim();

    /// <summary>The value of an attribute that is in this namespace or, as some write it, in none.</summary>
    public static string? AttributeIn(this XElement element, string xmlNamespace, string name) =>
        (element.Attribute(XName.Get(name, xmlNamespace)) ?? element.Attribute(name))?.Value.Trim();

    /// <summary>xs:boolean; false when it is none.</summary>
    public static bool TryReadBoolean(string? text, out bool value)
    {
        value = text is "true" or "1";
        return value || text is "false" or "0";
    }

    private static string? Read(XmlReader reader, out XElement root)
    {
        root = null!;
        XElement? current = null;
        var nodes = 0;
        while (reader.Read())
        {
            if (++nodes > MaxNodes)
                return "Document has too many elements";

            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (reader.Depth >= MaxDepth)
                        return "Document is nested too deeply";

                    if (reader.AttributeCount > MaxAttributes)
                        return "Document has an element with too many attributes";

                    var element = NameOf(reader);
                    root ??= element;
                    current?.Add(element);
                    if (!reader.IsEmptyElement)
                        current = element;

                    ReadAttributes(reader, element);
                    break;

                case XmlNodeType.EndElement:
                    current = current?.Parent;
                    break;

                // A node of its own: joining strings would cost the square of their number.
                case XmlNodeType.Text or XmlNodeType.CDATA:
                    current?.Add(new XText(reader.Value));
                    break;
            }
        }

        return null;
    }

    private static XElement NameOf(XmlReader reader) =>
        new(XName.Get(reader.LocalName, XdmNames.Canonical(reader.NamespaceURI)));

    private static void ReadAttributes(XmlReader reader, XElement element)
    {
        while (reader.MoveToNextAttribute())
            if (reader.NamespaceURI != Declarations)
                element.Add(new XAttribute(
                    XName.Get(reader.LocalName, XdmNames.Canonical(reader.NamespaceURI)), reader.Value));

        reader.MoveToElement();
    }
}
