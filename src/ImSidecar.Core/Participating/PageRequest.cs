using System.Collections.Frozen;
using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Identity;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Participating;

/// <summary>
/// A kept message as the MESSAGE that its recipient would have got, RFC 3428. One that is sent again is the same
/// request: a client that had it the first time can tell, RFC 3261 8.2.2.2.
/// </summary>
internal static class PageRequest
{
    private static readonly FrozenSet<string> _carried = FrozenSet.ToFrozenSet(
        [
            "Date", "Subject", "Priority", "In-Reply-To", "Reply-To", "P-Asserted-Identity", "Privacy", "Content-Type",
            "Content-Disposition", "Content-Language", "Content-Encoding",
        ],
        StringComparer.OrdinalIgnoreCase);

    private static readonly AcceptedTypes _cpim = new(["message/cpim"], ["*"]);

    /// <summary>Null: it cannot go so.</summary>
    public static OutgoingRequest? Of(DeferredSession session, DeferredMessage message, Facts facts)
    {
        if (!message.Content.IsPageMode)
            return OfSession(session, message, facts);

        if (!MessageSip.TryParse(message.Content.Sip, out var kept)
            || !NameAddress.TryParse(First(kept, "From"), out var sender)
            || First(kept, "Call-ID") is not { Length: > 0 } callId
            || message.Content.Size > facts.Operator.MaxPageMessageBytes)
            return null;

        return new()
        {
            Method = "MESSAGE",
            Uri = PushDeferredMessages.TargetOf(session, facts),
            From = (sender with { Parameters = "" }).ToString(),
            FromTag = sender.Tag ?? facts.Derive("page-tag"),
            To = $"<{session.Address}>",
            CallId = callId,
            CSeq = CSeqOf(kept),
            IsAboveRules = true,
            Headers = new(
            [
                new("Accept-Contact", $"*;{FeatureTags.Im};require;explicit"),
                .. kept.Headers
                    .Select(field => new SipHeader(CompactForm.Expand(field.Name), field.Value))
                    .Where(field => _carried.Contains(field.Name)),
            ]),
            Body = kept.Body,
        };
    }

    // What was said in a session has no request of its own: its content, as CPIM says who wrote it and when.
    private static OutgoingRequest? OfSession(DeferredSession session, DeferredMessage message, Facts facts)
    {
        var packed = Encapsulation.Of(
            message, _cpim, facts.Operator.MaxPageMessageBytes, DeferredEncapsulation.Cpim, message.Key);
        if (packed is null)
            return null;

        var sender = message.IsAnonymous ? facts.Operator.Deferred.Uri! : message.Sender;
        return new()
        {
            Method = "MESSAGE",
            Uri = PushDeferredMessages.TargetOf(session, facts),
            From = $"<{(message.IsAnonymous ? ChatAlias.Nobody : message.Sender)}>",
            FromTag = Tokens.Digest("tag\n" + message.Key),
            To = $"<{session.Address}>",
            CallId = Tokens.Digest("call\n" + message.Key),
            CSeq = 1,
            IsAboveRules = true,
            Headers = SipHeaders.Of(
                ("Accept-Contact", $"*;{FeatureTags.Im};require;explicit"),
                ("P-Asserted-Identity", $"<{sender}>"),
                ("Date", message.ReceivedAt.ToUniversalTime().ToString("R", CultureInfo.InvariantCulture)),
                ("Content-Type", packed.ContentType)),
            Body = packed.Body,
        };
    }

    private static string? First(MessageSip kept, string name) => kept.Headers.First(name);

    private static long CSeqOf(MessageSip kept) =>
        First(kept, "CSeq")?.Split(' ') is [var number, ..]
            && uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var cseq)
            && cseq <= int.MaxValue
            ? cseq
            : 1;
}
