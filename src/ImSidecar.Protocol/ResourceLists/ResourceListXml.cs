using System.Collections.Immutable;
using System.Xml;
using ImSidecar.Protocol.Mime;

namespace ImSidecar.Protocol.ResourceLists;

/// <summary>application/resource-lists+xml, RFC 4826 3.4 and RFC 5364; nested lists are flattened.</summary>
public static class ResourceListXml
{
    public const string MediaType = "application/resource-lists+xml";
    public const string Namespace = "urn:ietf:params:xml:ns:resource-lists";
    public const string CopyControlNamespace = "urn:ietf:params:xml:ns:copycontrol";

    /// <summary>Stands for recipients whom others are not to see, RFC 5364 5.</summary>
    public const string Anonymous = "sip:anonymous@anonymous.invalid";

    public const int MaxBytes = 256 * 1024;
    public const int MaxDepth = 16;
    public const int MaxEntries = 1000;
    public const int MaxUriLength = 2048;

    /// <summary>The error is a text for the Warning header field; it holds nothing of the peer's.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> body, out ResourceList list, out string error)
    {
        list = new([]);
        error = "";
        if (body.Length > MaxBytes)
        {
            error = "Recipient list too large";
            return false;
        }

        try
        {
            using var reader = XmlBody.Open(body);
            var entries = ImmutableArray.CreateBuilder<ResourceListEntry>();
            error = Read(reader, entries) ?? "";
            if (error.Length == 0)
                list = new(entries.ToImmutable());
        }
        catch (XmlException)
        {
            error = "Recipient list is not well-formed XML without DTD";
        }

        return error.Length == 0;
    }

    public static byte[] Write(ResourceList list) => XmlBody.Write(writer =>
    {
        writer.WriteStartElement("resource-lists", Namespace);
        writer.WriteAttributeString("xmlns", Namespace);
        if (list.Entries.Any(entry => entry.CopyControl is not null || entry.Anonymize))
            writer.WriteAttributeString("xmlns", "cp", null, CopyControlNamespace);

        writer.WriteStartElement("list", Namespace);
        foreach (var entry in list.Entries)
            WriteEntry(writer, entry);

        writer.WriteEndElement();
        writer.WriteEndElement();
    });

    private static void WriteEntry(XmlWriter writer, ResourceListEntry entry)
    {
        writer.WriteStartElement("entry", Namespace);
        writer.WriteAttributeString("uri", XmlBody.Clean(entry.Uri));
        if (entry.CopyControl is { } copyControl)
            writer.WriteAttributeString("copyControl", CopyControlNamespace, Name(copyControl));

        if (entry.Anonymize)
            writer.WriteAttributeString("anonymize", CopyControlNamespace, "true");

        if (entry.Count is { } count)
            writer.WriteAttributeString("count", CopyControlNamespace, XmlConvert.ToString(count));

        if (entry.DisplayName is { } name)
            writer.WriteElementString("display-name", Namespace, XmlBody.Clean(name));

        writer.WriteEndElement();
    }

    /// <summary>Reads to the end of the document; the error, or null.</summary>
    private static string? Read(XmlReader reader, ImmutableArray<ResourceListEntry>.Builder entries)
    {
        reader.MoveToContent();
        if (!reader.IsStartElement("resource-lists", Namespace))
            return "Not a resource-lists document";

        reader.Read();
        while (!reader.EOF)
        {
            if (reader.Depth > MaxDepth)
                return "Recipient list is nested too deeply";

            if (reader.NodeType != XmlNodeType.Element)
                reader.Read();
            else if (ReadElement(reader, entries) is { } error)
                return error;
        }

        return null;
    }

    private static string? ReadElement(XmlReader reader, ImmutableArray<ResourceListEntry>.Builder entries)
    {
        switch (reader.NamespaceURI == Namespace ? reader.LocalName : "")
        {
            case "list":
                reader.Read();
                return null;

            case "entry":
                return entries.Count == MaxEntries ? "Too many recipients in the list" : ReadEntry(reader, entries);

            case "entry-ref":
                return "entry-ref is not supported in a recipient list";

            case "external":
                return "external is not supported in a recipient list";

            default:
                reader.Skip();
                return null;
        }
    }

    private static string? ReadEntry(XmlReader reader, ImmutableArray<ResourceListEntry>.Builder entries)
    {
        var uri = reader.GetAttribute("uri")?.Trim();
        if (uri is null or "")
            return "A recipient has no URI";

        if (uri.Length > MaxUriLength)
            return "The URI of a recipient is too long";

        if (!TryReadCopyControl(reader.GetAttribute("copyControl", CopyControlNamespace), out var copyControl))
            return "A recipient has an unknown copyControl";

        if (!TryReadBoolean(reader.GetAttribute("anonymize", CopyControlNamespace), out var anonymize))
            return "A recipient has an unknown anonymize";

        entries.Add(new(uri, ReadDisplayName(reader), copyControl, anonymize));
        return null;
    }

    /// <summary>Leaves the reader behind the entry.</summary>
    private static string? ReadDisplayName(XmlReader reader)
    {
        string? name = null;
        var depth = reader.Depth;
        var isEmpty = reader.IsEmptyElement;
        reader.Read();

        while (!isEmpty && reader.Depth > depth)
        {
            if (reader.IsStartElement("display-name", Namespace))
                name ??= reader.ReadElementContentAsString();
            else if (reader.NodeType == XmlNodeType.Element)
                reader.Skip();
            else
                reader.Read();
        }

        return name;
    }

    private static bool TryReadCopyControl(string? text, out CopyControl? copyControl)
    {
        copyControl = text?.Trim() switch
        {
            "to" => CopyControl.To,
            "cc" => CopyControl.Cc,
            "bcc" => CopyControl.Bcc,
            _ => null,
        };
        return text is null || copyControl is not null;
    }

    private static bool TryReadBoolean(string? text, out bool value)
    {
        value = text?.Trim() is "true" or "1";
        return value || text?.Trim() is null or "false" or "0";
    }

    private static string Name(CopyControl copyControl) => copyControl.ToString().ToLowerInvariant();
}
