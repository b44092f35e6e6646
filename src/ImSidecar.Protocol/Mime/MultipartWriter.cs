using System.Buffers;
using System.Globalization;
using System.Text;

namespace ImSidecar.Protocol.Mime;

/// <summary>Puts parts together to a multipart body, RFC 2046 5.1.1.</summary>
public static class MultipartWriter
{
    /// <summary>The value for Content-Type that goes with the boundary.</summary>
    public static string ContentType(string subtype, string boundary) => $"multipart/{subtype};boundary=\"{boundary}\"";

    /// <summary>The seed, lengthened by a number until no part contains it as a delimiter.</summary>
    public static string ChooseBoundary(string seed, IReadOnlyCollection<MimePart> parts)
    {
        var boundary = seed;
        for (var number = 1; parts.Any(part => Contains(part, boundary)); number++)
            boundary = seed + number.ToString(CultureInfo.InvariantCulture);

        return boundary;
    }

    public static byte[] Write(string boundary, IReadOnlyCollection<MimePart> parts)
    {
        if (parts.Any(part => Contains(part, boundary)))
            throw new ArgumentException("A part contains the boundary", nameof(boundary));

        var body = new ArrayBufferWriter<byte>(256 + parts.Sum(part => part.Body.Length + 256));
        foreach (var part in parts)
        {
            body.Write(Encoding.UTF8.GetBytes($"--{boundary}\r\n"));
            foreach (var header in part.Headers)
                body.Write(Encoding.UTF8.GetBytes($"{header}\r\n"));

            body.Write("\r\n"u8);
            body.Write(part.Body.Span);
            body.Write("\r\n"u8);
        }

        body.Write(Encoding.UTF8.GetBytes($"--{boundary}--\r\n"));
        return body.WrittenSpan.ToArray();
    }

    private static bool Contains(MimePart part, string boundary) =>
        part.Body.Span.IndexOf(Encoding.UTF8.GetBytes("--" + boundary)) >= 0;
}
