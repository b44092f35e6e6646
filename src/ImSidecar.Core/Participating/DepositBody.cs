using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.ResourceLists;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>
/// The body of an INVITE to somebody else that we answer for him: SDP, alone or beside what is not for us; RFC 5621.
/// </summary>
internal static class DepositBody
{
    private const string Sdp = "application/sdp";
    private const int MaxBytes = 64 * 1024;

    /// <summary>The offer, null without one; or the refusal of a body that cannot be read.</summary>
    public static (ReadOnlyMemory<byte>? Offer, Decision? Refusal) Read(DepositRequest request)
    {
        if (request.Body.IsEmpty)
            return (null, null);

        if (request.Body.Length > MaxBytes)
            return (null, Refusals.Refuse(null, request, SipStatus.RequestEntityTooLarge, "Body is too large"));

        if (!MediaType.TryParse(request.Headers.First("Content-Type"), out var type))
            return Refuse(request, SipStatus.BadRequest, "Content-Type is missing or malformed");

        if (!type.IsMultipart)
            return Read(request, new(request.Headers, request.Body));

        if (!MultipartReader.TryRead(type, request.Body, out var parts))
            return Refuse(request, SipStatus.BadRequest, "Multipart body is malformed");

        // Whom a focus has invited besides is of no use here.
        var read = parts.FirstOrDefault(part => part.ContentType?.Is(Sdp) == true)
            ?? parts.FirstOrDefault(part => part.ContentType?.Is(ResourceListXml.MediaType) != true);
        return read is null ? (null, null) : Read(request, read);
    }

    private static (ReadOnlyMemory<byte>?, Decision?) Read(DepositRequest request, MimePart part)
    {
        if (part.ContentType?.Is(Sdp) != true)
            return (null, Refusals.Refuse(
                null, request, SipStatus.UnsupportedMediaType, "Body of that type is not supported",
                ("Accept", Capabilities.Bodies)));

        return ContentCoding.Decode(part.ContentEncoding, part.Body, MaxBytes, out var content) switch
        {
            DecodeOutcome.Decoded => (content, null),
            DecodeOutcome.UnknownCoding => (null, Refusals.Refuse(
                null, request, SipStatus.UnsupportedMediaType, "Content-Encoding is not supported",
                ("Accept-Encoding", ContentCoding.Accepted))),
            _ => Refuse(request, SipStatus.BadRequest, "Body does not match its Content-Encoding"),
        };
    }

    private static (ReadOnlyMemory<byte>?, Decision?) Refuse(DepositRequest request, SipStatus status, string warning) =>
        (null, Refusals.Refuse(null, request, status, warning));
}
