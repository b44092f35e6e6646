using System.Buffers.Binary;
using Google.Protobuf;

namespace ImSidecar.Cli.Calls;

/// <summary>Messages of gRPC, uncompressed, each behind its length.</summary>
internal static class GrpcBody
{
    private const int HeaderLength = 5;
    private const int MaxMessageBytes = 16 * 1024 * 1024;

    public static byte[] Frame(IMessage message)
    {
        var payload = message.ToByteArray();
        var frame = new byte[HeaderLength + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, HeaderLength);
        return frame;
    }

    /// <summary>The next one; null at the end. What is no message is an InvalidDataException.</summary>
    public static async ValueTask<byte[]?> ReadAsync(Stream body, CancellationToken cancellation)
    {
        var header = new byte[HeaderLength];
        var read = await body.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false, cancellation);
        if (read == 0)
            return null;

        var length = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(1));
        if (read < HeaderLength || header[0] != 0 || length > MaxMessageBytes)
            throw new InvalidDataException("No message of gRPC");

        var payload = new byte[length];
        return await body.ReadAtLeastAsync(payload, payload.Length, throwOnEndOfStream: false, cancellation)
            == payload.Length
            ? payload
            : throw new InvalidDataException("Half a message of gRPC");
    }
}
