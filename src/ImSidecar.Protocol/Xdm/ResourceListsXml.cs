using System.Collections.Immutable;
using System.Xml.Linq;

namespace ImSidecar.Protocol.Xdm;

/// <summary>
/// application/resource-lists+xml as a document of XDM, RFC 4826 3.4; recipient lists of requests have another reader.
/// </summary>
public static class ResourceListsXml
{
    public static bool TryParse(ReadOnlyMemory<byte> body, out ResourceListsDocument document, out string error)
    {
        document = new([]);
        if (!XmlTree.TryRead(body, out var root, out error))
            return false;

        if (!root.Is(XdmNames.ResourceLists, "resource-lists"))
        {
            error = "Not a resource-lists document";
            return false;
        }

        var items = 0;
        document = new([.. Lists(root).Select(list => Read(list, ref items))]);
        error = items > ResourceListsDocument.MaxItems ? "Document has too many entries" : "";
        return error.Length == 0;
    }

    private static IEnumerable<XElement> Lists(XElement parent) =>
        parent.Elements().Where(each => each.Is(XdmNames.ResourceLists, "list"));

    /// <summary>Nested as deep as the reader of the tree allows.</summary>
    private static NamedList Read(XElement list, ref int items)
    {
        var read = ImmutableArray.CreateBuilder<ListItem>();
        foreach (var element in list.Elements())
        {
            if (Item(element, ref items) is not { } item)
                continue;

            items++;
            read.Add(item);
        }

        return new(list.Text("name"), DisplayName(list), read.ToImmutable());
    }

    private static ListItem? Item(XElement element, ref int items)
    {
        if (element.Name.NamespaceName != XdmNames.ResourceLists)
            return null;

        return element.Name.LocalName switch
        {
            "list" => new NestedList(Read(element, ref items)),
            "entry" when element.Text("uri") is { } uri => new ListEntry(uri, DisplayName(element)),
            "entry-ref" when element.Text("ref") is { } reference => new ListEntryReference(reference),
            "external" when element.Text("anchor") is { } anchor => new ExternalList(anchor),
            _ => null,
        };
    }

    private static string? DisplayName(XElement element) =>
        element.Child(XdmNames.ResourceLists, "display-name")?.Text();
}
