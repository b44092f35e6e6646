using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Server.Gateway;

/// <summary>Undoes the Content-Encoding of a body or a part of it, RFC 3261 20.12.</summary>
internal static class EncodedBody
{
    private const int MaxDecodedBytes = 256 * 1024;

    /// <summary>The refusal of what cannot be decoded, or null.</summary>
    public static Respond? Decode(RequestHead head, MimePart part, out ReadOnlyMemory<byte> content) =>
        ContentCoding.Decode(part.ContentEncoding, part.Body, MaxDecodedBytes, out content) switch
        {
            DecodeOutcome.Decoded => null,
            DecodeOutcome.UnknownCoding =>
                new(head.Transaction, SipStatus.UnsupportedMediaType, "Content-Encoding is not supported")
                {
                    Headers = SipHeaders.Of(("Accept-Encoding", ContentCoding.Accepted)),
                },
            DecodeOutcome.TooLarge =>
                new(head.Transaction, SipStatus.RequestEntityTooLarge, "Decoded body is too large"),
            _ => new(head.Transaction, SipStatus.BadRequest, "Body does not match its Content-Encoding"),
        };
}
