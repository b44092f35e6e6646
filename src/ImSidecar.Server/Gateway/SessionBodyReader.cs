using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.ResourceLists;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Server.Gateway;

/// <summary>
/// The body of INVITE and UPDATE: SDP, a recipient list, or both in a multipart; RFC 5366 and RFC 5621.
/// </summary>
internal static class SessionBodyReader
{
    private const string Sdp = "application/sdp";

    public static (ImRequest? Request, Respond? Refusal) Read(RequestHead head, ReadOnlyMemory<byte> body)
    {
        var parts = new Parts();
        if (!body.IsEmpty && AddAll(head, body, parts) is { } refusal)
            return (null, refusal);

        return head is { Method: "INVITE", To.Tag: null }
            ? (new InviteRequest(head) { Offer = parts.Sdp, RecipientList = parts.RecipientList }, null)
            : (new ReinviteRequest(head) { Offer = parts.Sdp }, null);
    }

    private static Respond? AddAll(RequestHead head, ReadOnlyMemory<byte> body, Parts parts)
    {
        if (!MediaType.TryParse(head.Headers.First("Content-Type"), out var type))
            return new(head.Transaction, SipStatus.BadRequest, "Content-Type is missing or malformed");

        if (!type.IsMultipart)
            return Add(head, new MimePart(head.Headers, body), parts);

        if (!type.Is("multipart/mixed"))
            return Unsupported(head, type.Essence);

        if (!MultipartReader.TryRead(type, body, out var read))
            return new(head.Transaction, SipStatus.BadRequest, "Multipart body is malformed");

        foreach (var part in read)
        {
            if (Add(head, part, parts) is { } refusal)
                return refusal;
        }

        return null;
    }

    private static Respond? Add(RequestHead head, MimePart part, Parts parts)
    {
        var type = part.ContentType?.Essence ?? "text/plain";
        if (type is not (Sdp or ResourceListXml.MediaType))
            return IsOptional(part) ? null : Unsupported(head, type);

        if (EncodedBody.Decode(head, part, out var content) is { } refusal)
            return refusal;

        return parts.TryTake(type == Sdp, content)
            ? null
            : new(head.Transaction, SipStatus.BadRequest, "Body holds two parts of type " + type);
    }

    private static bool IsOptional(MimePart part) =>
        part.Headers.First("Content-Disposition") is { } disposition
        && SipParameters.Find(disposition, "handling") is { } handling
        && handling.Equals("optional", StringComparison.OrdinalIgnoreCase);

    private static Respond Unsupported(RequestHead head, string type) =>
        new(head.Transaction, SipStatus.UnsupportedMediaType, "Body type " + type + " is not supported")
        {
            Headers = SipHeaders.Of(("Accept", Capabilities.Bodies)),
        };

    private sealed class Parts
    {
        public ReadOnlyMemory<byte>? Sdp { get; private set; }

        public ReadOnlyMemory<byte>? RecipientList { get; private set; }

        public bool TryTake(bool isSdp, ReadOnlyMemory<byte> content)
        {
            if ((isSdp ? Sdp : RecipientList) is not null)
                return false;

            if (isSdp)
                Sdp = content;
            else
                RecipientList = content;
            return true;
        }
    }
}
