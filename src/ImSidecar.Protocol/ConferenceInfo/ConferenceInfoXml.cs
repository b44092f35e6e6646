using System.Xml;
using ImSidecar.Protocol.Mime;

namespace ImSidecar.Protocol.ConferenceInfo;

/// <summary>application/conference-info+xml, RFC 4575 5 and 8.</summary>
public static class ConferenceInfoXml
{
    public const string MediaType = "application/conference-info+xml";
    public const string Namespace = "urn:ietf:params:xml:ns:conference-info";
    public const int MaxBytes = 4 * 1024 * 1024;
    public const int MaxUsers = 10_000;
    public const int MaxEndpoints = 64;

    /// <summary>False for what is not well-formed, not a conference-info document, or beyond a limit.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> body, out ConferenceInfo info)
    {
        info = null!;
        if (body.Length > MaxBytes)
            return false;

        try
        {
            using var reader = XmlBody.Open(body);
            return new ConferenceInfoReader(reader).TryRead(out info);
        }
        catch (XmlException)
        {
            return false;
        }
    }

    /// <summary>Every state attribute is written, for the schema's default is full.</summary>
    public static byte[] Write(ConferenceInfo info) =>
        XmlBody.Write(writer => ConferenceInfoWriter.Write(writer, info));
}
