using System.Xml;
using ImSidecar.Protocol.Mime;

namespace ImSidecar.Protocol.Imdn;

/// <summary>message/imdn+xml, RFC 5438 11: one notification; what else may stand in it is read over.</summary>
public static class NotificationXml
{
    public const string Namespace = "urn:ietf:params:xml:ns:imdn";
    public const int MaxBytes = 8 * 1024;
    public const int MaxDepth = 8;
    public const int MaxTextLength = 2048;

    private const string Suffix = "-notification";

    public static byte[] Write(Notification notification) => XmlBody.Write(writer =>
    {
        writer.WriteStartElement("imdn", Namespace);
        Element(writer, "message-id", notification.MessageId);
        Element(writer, "datetime", notification.DateTime ?? "");
        if (notification.RecipientUri is { } recipient)
            Element(writer, "recipient-uri", recipient);
        if (notification.OriginalRecipientUri is { } original)
            Element(writer, "original-recipient-uri", original);
        writer.WriteStartElement(Name(notification.Kind) + Suffix, Namespace);
        writer.WriteStartElement("status", Namespace);
        writer.WriteStartElement(notification.Status, Namespace);
        writer.WriteEndElement();
        writer.WriteEndElement();
        writer.WriteEndElement();
        writer.WriteEndElement();
    });

    /// <summary>The error is a text for the Warning header field; it holds nothing of the peer's.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> body, out Notification notification, out string error)
    {
        notification = null!;
        error = "";
        if (body.Length > MaxBytes)
        {
            error = "Notification too large";
            return false;
        }

        try
        {
            using var reader = XmlBody.Open(body);
            error = Read(reader, out notification) ?? "";
        }
        catch (XmlException)
        {
            error = "Notification is not well-formed XML without DTD";
        }

        return error.Length == 0;
    }

    private static string? Read(XmlReader reader, out Notification notification)
    {
        notification = null!;
        reader.MoveToContent();
        if (!reader.IsStartElement("imdn", Namespace))
            return "Not an imdn document";

        var texts = new Dictionary<string, string>();
        NotificationKind? kind = null;
        string? status = null;
        reader.Read();
        while (!reader.EOF && reader.Depth > 0)
        {
            if (reader.Depth > MaxDepth)
                return "Notification is nested too deeply";

            if (reader.NodeType != XmlNodeType.Element || reader.NamespaceURI != Namespace)
            {
                reader.Read();
            }
            else if (KindOf(reader.LocalName) is { } found)
            {
                if (kind is not null)
                    return "Notification is about several things";

                kind = found;
                status = StatusOf(reader);
            }
            else if (reader is { LocalName: "message-id" or "datetime" or "recipient-uri" or "original-recipient-uri" })
            {
                var name = reader.LocalName;
                var text = reader.ReadElementContentAsString().Trim();
                if (!texts.TryAdd(name, text) || text.Length > MaxTextLength)
                    return "Notification holds something twice, or something too long";
            }
            else
            {
                reader.Skip();
            }
        }

        if (texts.GetValueOrDefault("message-id") is not { Length: > 0 } id || kind is not { } what || status is null)
            return "Notification does not say what became of which message";

        notification = new(id, what, status)
        {
            DateTime = texts.GetValueOrDefault("datetime"),
            RecipientUri = texts.GetValueOrDefault("recipient-uri"),
            OriginalRecipientUri = texts.GetValueOrDefault("original-recipient-uri"),
        };
        return null;
    }

    // The first element within status; leaves the reader behind the notification.
    private static string? StatusOf(XmlReader reader)
    {
        string? status = null;
        var depth = reader.Depth;
        var isEmpty = reader.IsEmptyElement;
        reader.Read();
        while (!isEmpty && reader.Depth > depth)
        {
            if (reader.NodeType == XmlNodeType.Element && reader.Depth == depth + 2 && reader.NamespaceURI == Namespace)
                status ??= reader.LocalName;
            reader.Read();
        }

        return status is { Length: <= 64 } ? status : null;
    }

    private static NotificationKind? KindOf(string name) => name switch
    {
        "delivery" + Suffix => NotificationKind.Delivery,
        "processing" + Suffix => NotificationKind.Processing,
        "display" + Suffix => NotificationKind.Display,
        _ => null,
    };

    private static string Name(NotificationKind kind) => kind.ToString().ToLowerInvariant();

    private static void Element(XmlWriter writer, string name, string text) =>
        writer.WriteElementString(name, Namespace, XmlBody.Clean(text));
}
