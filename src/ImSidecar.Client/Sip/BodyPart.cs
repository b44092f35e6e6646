using ImSidecar.Protocol.Mime;

namespace ImSidecar.Client.Sip;

/// <summary>Finds a body of a media type, whole or inside a multipart, RFC 5621 3.</summary>
internal static class BodyPart
{
    public static ReadOnlyMemory<byte> Find(SipMessage message, string essence)
    {
        if (!MediaType.TryParse(message["Content-Type"] ?? "", out var type))
            return default;

        if (type.Is(essence))
            return message.Body;

        if (!type.IsMultipart || !MultipartReader.TryRead(type, message.Body, out var parts))
            return default;

        foreach (var part in parts)
        {
            if (part.ContentType?.Is(essence) == true)
                return part.Body;
        }

        return default;
    }
}
