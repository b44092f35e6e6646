using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Registration;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Gateway;

/// <summary>NOTIFY to a subscription of ours, RFC 6665 8.2, with changes of documents in its body, RFC 5874, or registrations, RFC 3680.</summary>
internal static class NotifyReader
{
    public static (ImRequest? Request, Respond? Refusal) Read(RequestHead head, ReadOnlyMemory<byte> body)
    {
        var package = head.Headers.First("Event") ?? "";
        var state = head.Headers.First("Subscription-State") ?? "";
        var name = Name(state);
        if (name.Length == 0)
            return Refuse(head, SipStatus.BadRequest, "Subscription-State is missing");

        // The address tells which subscription of ours it is for.
        var isRegistration = new AggregateId(head.Uri.User).Kind == AggregateKind.ServedUser;
        var type = isRegistration ? RegistrationInfoXml.MediaType : XcapDiffXml.MediaType;
        XcapDiff? diff = null;
        RegistrationInfo? registration = null;
        if (!body.IsEmpty)
        {
            var part = new MimePart(head.Headers, body);
            if (part.ContentType?.Is(type) != true)
                return Refuse(head, SipStatus.UnsupportedMediaType, "Only " + type + " is understood", type);

            if (EncodedBody.Decode(head, part, out var content) is { } refusal)
                return (null, refusal);

            if (isRegistration
                ? !RegistrationInfoXml.TryParse(content, out registration, out var error)
                : !XcapDiffXml.TryParse(content, out diff, out error))
                return Refuse(head, SipStatus.BadRequest, error);
        }

        return (new NotifyRequest(head)
        {
            Registration = registration,
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

    private static (ImRequest?, Respond?) Refuse(
        RequestHead head, SipStatus status, string warning, string? accept = null) =>
        (null, new(head.Transaction, status, warning)
        {
            Headers = accept is not null ? SipHeaders.Of(("Accept", accept)) : SipHeaders.Empty,
        });
}
