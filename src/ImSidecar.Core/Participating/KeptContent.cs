using System.Collections.Frozen;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>What kind of message it is: whether it is worth keeping, and what its sender wants to hear of it.</summary>
public static class KeptContent
{
    private const int MaxSubject = 256;

    // Of use only to who is there, RFC 3994 and OMA IM.
    private static readonly FrozenSet<string> _passing = FrozenSet.ToFrozenSet(
        ["application/im-iscomposing+xml", "application/im-keepalive+xml"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Why a MESSAGE is not kept; null: it may be.</summary>
    public static string? Refusal(PassingRequest request) =>
        request.Body.IsEmpty ? "User is not available and the message is empty"
        : IsPassing(request.Headers.First("Content-Type"), request.Body.Span)
            ? "User is not available and such messages are not kept"
        : null;

    /// <summary>True for what says that somebody is typing, and the like.</summary>
    public static bool IsPassing(string? contentType, ReadOnlySpan<byte> body) =>
        MediaType.TryParse(contentType, out var type)
        && (_passing.Contains(type.Essence)
            || (HeadOf(type, body) is { } head
                && MediaType.TryParse(head.ContentType, out var inner)
                && _passing.Contains(inner.Essence)));

    /// <summary>RFC 5438 6.1; null: nothing, or there is nothing to repeat.</summary>
    public static DeferredNotices? NoticesOf(string? contentType, ReadOnlyMemory<byte> body, DeferredPolicy policy)
    {
        if (!MediaType.TryParse(contentType, out var type) || HeadOf(type, body.Span) is not { } head)
            return null;

        var fields = ImdnFields.Read(head);
        if (Messages.AskedNotices.Of(fields, head) is not { } asked)
            return null;

        var delivery = asked.Delivery && policy.ReportsDelivery;
        return delivery || asked.NegativeDelivery
            ? new(asked.MessageId, asked.DateTime ?? "", delivery, asked.NegativeDelivery)
            {
                Route = fields.RecordRoute.IsEmpty ? null : fields.RecordRoute[0],
            }
            : null;
    }

    /// <summary>Empty: none that could stand in a list, which is XML 1.0.</summary>
    public static string SubjectOf(SipHeaders headers)
    {
        if (headers.First("Subject") is not { } subject
            || subject.Any(each => char.IsControl(each) || each is '\uFFFE' or '\uFFFF'))
            return "";

        if (subject.Length <= MaxSubject)
            return subject;

        return subject[..(char.IsHighSurrogate(subject[MaxSubject - 1]) ? MaxSubject - 1 : MaxSubject)];
    }

    /// <summary>The same; of who hides none that names him.</summary>
    public static string SubjectOf(ImRequest request, bool isHidden)
    {
        var subject = SubjectOf(request.Headers);
        return isHidden && HiddenSender.Of(request).IsNamedIn(subject) ? "" : subject;
    }

    private static CpimHead? HeadOf(MediaType type, ReadOnlySpan<byte> body) =>
        type.Is("message/cpim") && CpimReader.Read(body, out var head) is not (CpimResult.Malformed or CpimResult.NeedMore)
            ? head
            : null;
}
