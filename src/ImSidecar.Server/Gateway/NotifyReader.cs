using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Gateway;

/// <summary>NOTIFY to a subscription of ours, RFC 6665 8.2, with changes of documents in its body, RFC 5874.</summary>
internal static class NotifyReader
{
    public static (ImRequest? Request, Respond? Refusal) Read(RequestHead head, ReadOnlyMemory<byte> body)
    {
        var package = head.Headers.First("Event") ?? "";
        var state = head.Headers.First("Subscription-State") ?? "";
        var name = Name(state);
        if (name.Length == 0)
            return Refuse(head, SipStatus.BadRequest, "Subscription-State is missing");

        XcapDiff? diff = null;
        if (!body.IsEmpty)
        {
            var part = new MimePart(head.Headers, body);
            if (part.ContentType?.Is(XcapDiffXml.MediaType) != true)
                return Refuse(head, SipStatus.UnsupportedMediaType, "Only " + XcapDiffXml.MediaType + " is understood");

            if (EncodedBody.Decode(head, part, out var content) is { } refusal)
                return (null, refusal);

            if (!XcapDiffXml.TryParse(content, out diff, out var error))
                return Refuse(head, SipStatus.BadRequest, error);
        }

        return (new NotifyRequest(head)
        {
            Event = Name(package),
            EventId = Parameter(package, "id"),
            State = name,
            Reason = Parameter(state, "reason")?.ToLowerInvariant(),
            Expires = Seconds(Parameter(state, "expires")),
            RetryAfter = Seconds(Parameter(state, "retry-after")),
            Diff = diff,
        }, null);
    }

    private static string Name(string value)
    {
        var semicolon = value.IndexOf(';', StringComparison.Ordinal);
        return (semicolon < 0 ? value : value[..semicolon]).Trim().ToLowerInvariant();
    }

    private static string? Parameter(string value, string name)
    {
        var semicolon = value.IndexOf(';', StringComparison.Ordinal);
        return semicolon < 0 ? null : SipParameters.Find(value.AsSpan(semicolon), name);
    }

    private static int? Seconds(string? text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? (int)Math.Min(seconds, int.MaxValue)
            : null;

    private static (ImRequest?, Respond?) Refuse(RequestHead head, SipStatus status, string warning) =>
        (null, new(head.Transaction, status, warning)
        {
            Headers = status == SipStatus.UnsupportedMediaType
                ? SipHeaders.Of(("Accept", XcapDiffXml.MediaType))
                : SipHeaders.Empty,
        });
}
