using System.Buffers;
using System.Buffers.Binary;

namespace ImSidecar.Grpc;

/// <summary>A length-prefixed message: a flag byte, a big-endian length of four bytes, the message.</summary>
internal static class GrpcFrame
{
    public const int HeaderLength = 5;

    public static void WriteHeader(IBufferWriter<byte> output, int length)
    {
        var header = output.GetSpan(HeaderLength);
        header[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], length);
        output.Advance(HeaderLength);
    }

    /// <summary>Cuts the next whole message off the buffer; false when more bytes are needed.</summary>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int maxLength, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (buffer.Length < HeaderLength)
            return false;

        Span<byte> header = stackalloc byte[HeaderLength];
        buffer.Slice(0, HeaderLength).CopyTo(header);
        RefuseCompression(header[0]);

        // Judged before a byte of the message is waited for.
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (length > maxLength)
            throw new GrpcStatusException(
                GrpcStatusCode.ResourceExhausted, $"Message of {length} bytes exceeds the limit of {maxLength}");

        if (buffer.Length - HeaderLength < length)
            return false;

        payload = buffer.Slice(HeaderLength, length);
        buffer = buffer.Slice(payload.End);
        return true;
    }

    private static void RefuseCompression(byte flag)
    {
        if (flag == 1)
            throw new GrpcStatusException(GrpcStatusCode.Unimplemented, "Compressed messages are not supported");

        if (flag != 0)
            throw new GrpcStatusException(GrpcStatusCode.Internal, "Malformed message prefix");
    }
}
