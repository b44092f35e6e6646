using System.Collections.Immutable;
using System.Xml;
using ImSidecar.Protocol.Mime;

namespace ImSidecar.Protocol.Xdm;

/// <summary>application/xcap-diff+xml, RFC 5874 4; patches, elements and attributes are read over.</summary>
public static class XcapDiffXml
{
    public const string MediaType = "application/xcap-diff+xml";
    public const string Namespace = "urn:ietf:params:xml:ns:xcap-diff";
    public const int MaxBytes = 1024 * 1024;
    public const int MaxDepth = 32;
    public const int MaxDocuments = 10_000;

    public static byte[] Write(XcapDiff diff) => XmlBody.Write(writer =>
    {
        writer.WriteStartElement("xcap-diff", Namespace);
        writer.WriteAttributeString("xcap-root", XmlBody.Clean(diff.Root));
        foreach (var document in diff.Documents)
        {
            writer.WriteStartElement("document", Namespace);
            writer.WriteAttributeString("sel", XmlBody.Clean(document.Selector));
            if (document.PreviousETag is { } previous)
                writer.WriteAttributeString("previous-etag", XmlBody.Clean(previous));
            if (document.NewETag is { } now)
                writer.WriteAttributeString("new-etag", XmlBody.Clean(now));
            writer.WriteEndElement();
        }

        writer.WriteEndElement();
    });

    /// <summary>The error holds nothing of the peer's.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> body, out XcapDiff diff, out string error)
    {
        diff = new("", []);
        error = "";
        if (body.Length > MaxBytes)
        {
            error = "xcap-diff document too large";
            return false;
        }

        try
        {
            using var reader = XmlBody.Open(body);
            error = Read(reader, out diff) ?? "";
        }
        catch (XmlException)
        {
            error = "xcap-diff document is not well-formed XML without DTD";
        }

        return error.Length == 0;
    }

    /// <summary>Reads to the end of the document; the error, or null.</summary>
    private static string? Read(XmlReader reader, out XcapDiff diff)
    {
        diff = new("", []);
        reader.MoveToContent();
        if (!reader.IsStartElement("xcap-diff", Namespace) || reader.GetAttribute("xcap-root") is not { } root)
            return "Not an xcap-diff document";

        var documents = ImmutableArray.CreateBuilder<DocumentDiff>();
        while (reader.Read())
        {
            if (reader.Depth > MaxDepth)
                return "xcap-diff document is nested too deeply";

            if (reader.Depth != 1 || !reader.IsStartElement("document", Namespace))
                continue;

            if (documents.Count == MaxDocuments)
                return "xcap-diff document names too many documents";

            if (reader.GetAttribute("sel")?.Trim() is not { Length: > 0 } selector)
                return "A document has no selector";

            documents.Add(new(
                selector, ETag(reader.GetAttribute("previous-etag")), ETag(reader.GetAttribute("new-etag"))));
        }

        diff = new(root.Trim(), documents.ToImmutable());
        return null;
    }

    // Some write it as HTTP does.
    private static string? ETag(string? text) =>
        text is ['"', _, .., '"'] ? text[1..^1] : text is { Length: > 0 } ? text : null;
}
