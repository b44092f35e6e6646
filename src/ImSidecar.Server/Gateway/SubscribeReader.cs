using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.ResourceLists;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Gateway;

/// <summary>SUBSCRIBE, RFC 6665 8.2; for xcap-diff with the list of documents in its body, RFC 5875 4.2.</summary>
internal static class SubscribeReader
{
    // RFC 3261 25.1
    private static readonly SearchValues<char> _token =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~");

    public static (ImRequest? Request, Respond? Refusal) Read(RequestHead head, ReadOnlyMemory<byte> body)
    {
        var text = head.Headers.First("Event") ?? "";
        var semicolon = text.IndexOf(';');
        var parameters = semicolon < 0 ? "" : text[semicolon..];
        var expires = head.Headers.First("Expires");
        var seconds = 0;
        if (expires is not null && !TryReadSeconds(expires, out seconds))
            return (null, new(head.Transaction, SipStatus.BadRequest, "Expires is malformed"));

        // We repeat it in our own header fields.
        var id = SipParameters.Find(parameters, "id");
        if (id is not null && !IsToken(id))
            return (null, new(head.Transaction, SipStatus.BadRequest, "Event id is malformed"));

        var request = new SubscribeRequest(head)
        {
            Event = (semicolon < 0 ? text : text[..semicolon]).Trim().ToLowerInvariant(),
            EventId = id,
            MaxRate = RateOf(parameters, "max-rate"),
            MinRate = RateOf(parameters, "min-rate"),
            DiffProcessing = SipParameters.Find(parameters, "diff-processing"),
            Expires = expires is null ? null : seconds,
        };
        if (body.IsEmpty || request.Event is not (XcapDiffPackage.Name or XcapDiffPackage.UaProfile))
            return (request, null);

        return ReadTargets(head, body, out var targets) is { } refusal
            ? (null, refusal)
            : (request with { Targets = targets }, null);
    }

    // RFC 6446 3.1: who does not understand a rate does not take it up, and does not say it back.
    private static NotifyRate? RateOf(string parameters, string name) =>
        NotifyRate.TryParse(SipParameters.Find(parameters, name), out var rate) ? rate : null;

    private static bool IsToken(string text) =>
        text.Length is > 0 and <= 128 && !text.AsSpan().ContainsAnyExcept(_token);

    private static Respond? ReadTargets(
        RequestHead head, ReadOnlyMemory<byte> body, out ImmutableArray<DocumentTarget> targets)
    {
        targets = [];
        var part = new MimePart(head.Headers, body);
        if (part.ContentType?.Is(ResourceListXml.MediaType) != true)
            return new(head.Transaction, SipStatus.UnsupportedMediaType, "A list of documents is expected")
            {
                Headers = SipHeaders.Of(("Accept", ResourceListXml.MediaType)),
            };

        if (EncodedBody.Decode(head, part, out var content) is { } refusal)
            return refusal;

        if (!ResourceListXml.TryParse(content, out var list, out _))
            return new(head.Transaction, SipStatus.BadRequest, "The list of documents is malformed or too large");

        if (list.Entries.Length > DocumentTarget.MaxTargets)
            return new(head.Transaction, SipStatus.BadRequest, "Too many documents in the list");

        var read = ImmutableArray.CreateBuilder<DocumentTarget>(list.Entries.Length);
        foreach (var entry in list.Entries)
        {
            if (!DocumentTarget.TryParse(entry.Uri, out var target))
                return new(head.Transaction, SipStatus.BadRequest, "The list names what is no XCAP document");

            read.Add(target);
        }

        targets = read.MoveToImmutable();
        return null;
    }

    // RFC 3261 20.19: 2^32 - 1 at most; what is above our own maximum is cut there anyway.
    private static bool TryReadSeconds(string text, out int seconds)
    {
        var valid = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        seconds = (int)Math.Min(value, int.MaxValue);
        return valid;
    }
}
