using System.Buffers.Binary;
using System.IO.Compression;

namespace ImSidecar.Protocol.Mime;

/// <summary>Undoes a Content-Encoding, RFC 3261 20.12; bounded, so that a small body cannot fill the memory.</summary>
public static class ContentCoding
{
    /// <summary>For the Accept-Encoding header field.</summary>
    public const string Accepted = "identity, deflate, gzip";

    public static DecodeOutcome Decode(
        string? coding, ReadOnlyMemory<byte> body, int maxBytes, out ReadOnlyMemory<byte> decoded)
    {
        decoded = default;
        var outcome = coding?.Trim().ToLowerInvariant() switch
        {
            null or "" or "identity" => Keep(body, maxBytes, out decoded),
            "deflate" => InflateEither(body, maxBytes, out decoded),
            "gzip" or "x-gzip" => Inflate(stream => new GZipStream(stream, CompressionMode.Decompress),
                body, maxBytes, out decoded),
            _ => DecodeOutcome.UnknownCoding,
        };
        return outcome;
    }

    private static DecodeOutcome Keep(ReadOnlyMemory<byte> body, int maxBytes, out ReadOnlyMemory<byte> decoded)
    {
        decoded = body.Length > maxBytes ? default : body;
        return body.Length > maxBytes ? DecodeOutcome.TooLarge : DecodeOutcome.Decoded;
    }

    // "deflate" means zlib (RFC 9110 8.4.1.2), but some clients send the bare stream without its wrapper.
    private static DecodeOutcome InflateEither(
        ReadOnlyMemory<byte> body, int maxBytes, out ReadOnlyMemory<byte> decoded)
    {
        if (HasZlibHeader(body.Span))
        {
            var outcome = Inflate(stream => new ZLibStream(stream, CompressionMode.Decompress),
                body, maxBytes, out decoded);
            if (outcome != DecodeOutcome.Malformed)
                return outcome;
        }

        return Inflate(stream => new DeflateStream(stream, CompressionMode.Decompress), body, maxBytes, out decoded);
    }

    private static bool HasZlibHeader(ReadOnlySpan<byte> body) =>
        body.Length > 2 && (body[0] & 0x0F) == 8 && ((body[0] << 8) | body[1]) % 31 == 0;

    private static DecodeOutcome Inflate(
        Func<Stream, Stream> open, ReadOnlyMemory<byte> body, int maxBytes, out ReadOnlyMemory<byte> decoded)
    {
        decoded = default;
        using var compressed = new PackedInput(body.ToArray());
        using var plain = open(compressed);
        using var output = new MemoryStream();
        var buffer = new byte[16 * 1024];

        try
        {
            for (var read = plain.Read(buffer); read > 0; read = plain.Read(buffer))
            {
                if (output.Length + read > maxBytes)
                    return DecodeOutcome.TooLarge;

                output.Write(buffer, 0, read);
            }
        }
        catch (InvalidDataException)
        {
            return DecodeOutcome.Malformed;
        }

        var isWhole = plain is GZipStream ? EndsWithLength(body.Span, output.Length) : !compressed.RanDry;
        decoded = isWhole ? output.ToArray() : default;
        return isWhole ? DecodeOutcome.Decoded : DecodeOutcome.Malformed;
    }

    // RFC 1952 2.3.1: the last field of the trailer is the length of the content.
    private static bool EndsWithLength(ReadOnlySpan<byte> body, long length) =>
        body.Length >= 18 && BinaryPrimitives.ReadUInt32LittleEndian(body[^4..]) == length;

    // The streams of .NET take the end of their input for the end of the content; this one tells that they wanted more.
    private sealed class PackedInput(byte[] body) : MemoryStream(body, writable: false)
    {
        public bool RanDry { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = base.Read(buffer, offset, count);
            RanDry |= read == 0 && count > 0;
            return read;
        }
    }
}
