using System.IO.Compression;
using System.Text;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Bodies of an INVITE to the factory that the client library would not write.</summary>
internal static class Bodies
{
    public const string Offer = """
        v=0
        o=alice 1 1 IN IP4 127.0.0.1
        s=-
        c=IN IP4 127.0.0.1
        t=0 0
        m=message 9 TCP/MSRP *
        a=accept-types:message/cpim
        a=accept-wrapped-types:text/plain
        a=path:msrp://127.0.0.1:9/2s93i93idjkk;tcp
        a=setup:active

        """;

    public const string List = """
        <?xml version="1.0" encoding="UTF-8"?>
        <resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">
          <list><entry uri="sip:bob@example.com"/></list>
        </resource-lists>
        """;

    public static (string ContentType, ReadOnlyMemory<byte> Body) Multipart(
        string offer, ReadOnlyMemory<byte> list, string? encoding = null, string subtype = "mixed")
    {
        var headers = SipHeaders.Of(
            ("Content-Type", "application/resource-lists+xml"), ("Content-Disposition", "recipient-list"));
        MimePart[] parts =
        [
            MimePart.Of("application/sdp", Encoding.UTF8.GetBytes(offer.ReplaceLineEndings("\r\n"))),
            new(encoding is null ? headers : headers.With("Content-Encoding", encoding), list),
        ];
        var boundary = MultipartWriter.ChooseBoundary("b1", parts);
        return (MultipartWriter.ContentType(subtype, boundary), MultipartWriter.Write(boundary, parts));
    }

    public static (string ContentType, ReadOnlyMemory<byte> Body) Multipart(
        string offer = Offer, string list = List, string subtype = "mixed") =>
        Multipart(offer, Encoding.UTF8.GetBytes(list), subtype: subtype);

    /// <summary>A description as it stands on the wire.</summary>
    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));

    /// <summary>A text in a CPIM message.</summary>
    public static ReadOnlyMemory<byte> Cpim(string from, string to, string text) => Encoding.UTF8.GetBytes(
        $"From: <{from}>\r\nTo: <{to}>\r\nDateTime: 2026-11-20T09:30:00Z\r\n\r\n"
        + $"Content-Type: text/plain\r\n\r\n{text}");

    /// <summary>A recipient list that grows a thousandfold when it is unpacked.</summary>
    public static byte[] Bomb()
    {
        using var compressed = new MemoryStream();
        using (var stream = new ZLibStream(compressed, CompressionLevel.SmallestSize))
            stream.Write(new byte[16 * 1024 * 1024]);

        return compressed.ToArray();
    }
}
