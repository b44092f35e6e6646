using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Identity;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>App. D.2, IM 11: an INVITE to a user who is away is answered for him, and what is said is kept.</summary>
internal static class AnswerForUser
{
    // What a SEND has before and behind its content, with room for the longest paths that are usual.
    private const int SendBytes = 1024;

    // IM D.2/intro-1
    public static Outcome<DeferredSession> OnInvite(
        DeferredSession? current, AggregateId id, DepositRequest request, Facts facts)
    {
        if (current is not null)
            return DeferredAnswer.Repeat(current, request);

        if (DeferredAnswer.Refusal(request, facts) is { } refusal)
            return new(null, refusal.Effects);

        var (offer, unreadable) = DepositBody.Read(request);
        if (unreadable is not null)
            return new(null, unreadable.Effects);

        if (facts.Deferred is not { IsUnavailable: false } known)
            return Refuse(request, SipStatus.ServiceUnavailable, "Messages cannot be kept now");

        if (!HasRoom(known.Waiting, facts.Operator.Deferred.Quota))
            return Refuse(request, SipStatus.TemporarilyUnavailable, "User is not available and his mailbox is full");

        var session = Create(id, request, offer, facts);
        if (DeferredAnswer.Crowded(request, known, session.Deposit!.IsFocus, facts) is { } crowded)
            return Outcome.Of<DeferredSession>(null, crowded);

        var size = LargestMessage(known.Waiting, session.Deposit, facts);
        if (size <= 0)
            return Refuse(request, SipStatus.TemporarilyUnavailable, "User is not available and his mailbox is full");

        var terms = new MediaTerms(IsDeposit: true, session.Deposit.IsFocus, size);
        var leg = session.Leg!;
        var media = offer is { } body
            ? DeferredMedia.Answer(leg.Media, body, terms, facts)
            : DeferredMedia.Offer(leg.Media, terms, facts);
        return media is null
            ? Outcome.Of<DeferredSession>(null, DeferredMedia.NotAcceptable(request, offer, terms, facts))
            : DeferredAnswer.Accept(session with { Leg = leg with { Media = media } }, facts);
    }

    private static DeferredSession Create(
        AggregateId id, DepositRequest request, ReadOnlyMemory<byte>? offer, Facts facts)
    {
        var name = "d" + facts.Derive("deposit-name")[..8];
        var isFocus = IsFocus(request, facts.Operator.Participating);

        // Whoever hides in a conference has his name from it, and the others do not hide.
        var isHidden = request.IsAnonymous && !isFocus;
        return new()
        {
            Id = id,
            Name = name,
            Purpose = DeferredPurpose.Deposit,
            User = ServedAddress.KeyOf(request.Recipient),
            Address = request.Recipient.Bare,
            Leg = DeferredAnswer.LegOf(request, name, facts),
            Deposit = new()
            {
                // A conference speaks for many: what becomes of their messages it hears itself.
                Sender = (isFocus ? request.Originator : request.Callers.FirstOrDefault())?.Bare
                    ?? request.From.Uri.Bare,
                IsAnonymous = isHidden,
                Identities = isFocus ? [] : IdentitiesOf(request),
                Subject = KeptContent.SubjectOf(request, isHidden),
                Invite = StoredMessage.OfInvite(request, offer ?? default, facts.Now, isHidden),
            },
        };
    }

    // A phone may write that into its Contact too: no user of ours is a focus.
    private static bool IsFocus(DepositRequest request, ParticipatingPolicy policy) =>
        request.Contact!.IsFocus()
        && request.Head.IsTrusted
        && !request.Head.Identities.Any(each => each.Uri.Scheme == "tel" || policy.Serves(each.Uri));

    // Who is anonymous may write who he is, or the name that his own focus has given him.
    private static ImmutableArray<string> IdentitiesOf(DepositRequest request)
    {
        ImmutableArray<string> own = [.. request.Callers.Select(each => each.Bare.Text)];
        if (own.IsEmpty)
            own = [request.From.Uri.Bare.Text];
        if (!request.IsAnonymous)
            return own;

        return ChatAlias.IsNobody(request.From.Uri)
            ? [.. own, ChatAlias.Nobody.Text, request.From.Uri.Bare.Text]
            : [.. own, ChatAlias.Nobody.Text];
    }

    private static bool HasRoom(DeferredCount waiting, DeferralQuota quota) =>
        waiting.Messages < quota.UserMessages && waiting.Bytes < quota.UserBytes;

    // The INVITE goes with each message.
    private static long LargestMessage(DeferredCount waiting, Deposit deposit, Facts facts)
    {
        var policy = facts.Operator.Deferred;
        var most = Math.Min(policy.MaxMessageBytes, policy.Quota.UserBytes - waiting.Bytes);
        return Math.Min(most - deposit.Invite.Length - SendBytes, facts.Operator.MaxMessageSize);
    }

    private static Outcome<DeferredSession> Refuse(DepositRequest request, SipStatus status, string warning) =>
        Outcome.Of<DeferredSession>(null, new Respond(request.Transaction, status, warning));
}
