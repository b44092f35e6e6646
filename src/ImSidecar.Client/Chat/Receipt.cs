using System.Xml;

namespace ImSidecar.Client.Chat;

/// <summary>What became of a message of ours, RFC 5438 7: message/imdn+xml in words.</summary>
internal static class Receipt
{
    public const string MediaType = "message/imdn+xml";

    private const string Unclear = "a receipt that cannot be read";
    private static readonly string[] _told =
        ["delivered", "displayed", "processed", "stored", "failed", "forbidden", "error"];

    private static readonly XmlReaderSettings _settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = 64 * 1024,
    };

    public static string Read(ReadOnlyMemory<byte> document)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(document.ToArray()), _settings);
            var isInStatus = false;
            while (reader.Read() && reader.Depth < 16)
            {
                if (reader.NodeType != XmlNodeType.Element)
                    continue;
                if (isInStatus && _told.Contains(reader.LocalName))
                    return $"your message was {(reader.LocalName == "error" ? "not delivered" : reader.LocalName)}";

                isInStatus |= reader.LocalName == "status";
            }
        }
        catch (XmlException)
        {
            // Said below.
        }

        return Unclear;
    }
}
