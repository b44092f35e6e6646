using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>IM 11: a user calls the deferred-messaging URI for what is kept for him, all of it or what he names.</summary>
internal static class FetchMessages
{
    public static Outcome<DeferredSession> OnInvite(
        DeferredSession? current, AggregateId id, InviteRequest request, Facts facts)
    {
        if (facts.Operator.Deferred is not { IsOn: true, Uri: { } uri } || !uri.SameAddress(request.Uri))
            return new(current, Refusals.NoSuchConference(null, request).Effects);

        if (current is not null)
            return DeferredAnswer.Repeat(current, request);

        if (NotFor(request, facts) is { } forbidden)
            return new(null, forbidden.Effects);

        ImmutableArray<long> named = [];
        if (request.Uri.Parameter("message") is { } text && !MessageNumbers.TryParse(text, out named))
            return Refuse(request, SipStatus.BadRequest, "The message parameter names no messages");

        if (facts.Deferred is not { IsUnavailable: false } known)
            return Refuse(request, SipStatus.ServiceUnavailable, "Messages cannot be read now");

        if (known.Waiting.Messages == 0)
            return Refuse(request, SipStatus.NotFound, "No messages wait");

        if (!named.IsEmpty && known.Found.IsEmpty)
            return Refuse(request, SipStatus.NotFound, "None of these messages waits");

        if (DeferredAnswer.Refusal(request, facts) is { } refusal)
            return new(null, refusal.Effects);

        if (DeferredAnswer.Crowded(request, known, isFocus: false, facts) is { } crowded)
            return Outcome.Of<DeferredSession>(null, crowded);

        var name = "d" + facts.Derive("fetch-name")[..8];
        var leg = DeferredAnswer.LegOf(request, name, facts);
        var terms = DeferredMedia.ToUser(facts);
        var media = request.Offer is { } offer
            ? DeferredMedia.Answer(leg.Media, offer, terms, facts)
            : DeferredMedia.Offer(leg.Media, terms, facts);
        if (media is null || terms.Answering(media.Direction) == MediaDirection.Inactive)
            return Outcome.Of<DeferredSession>(null, DeferredMedia.NotAcceptable(request, request.Offer, terms, facts));

        var user = request.Originator!;
        return DeferredAnswer.Accept(
            new()
            {
                Id = id,
                Name = name,
                Purpose = DeferredPurpose.Fetch,
                User = ServedAddress.KeyOf(user),
                Address = user.Bare,
                Leg = leg with { Media = media },
                Only = named.IsEmpty ? [] : known.Found,
            },
            facts);
    }

    /// <summary>The refusal of one who has no messages here; null: he may have some.</summary>
    public static Decision? NotFor(ImRequest request, Facts facts)
    {
        if (request.Originator is not { } user)
            return Refusals.Refuse(null, request, SipStatus.Forbidden, "Originator not authenticated");

        // Whose a number is only his messages tell.
        if (user.Scheme != "tel" && !facts.Operator.Participating.Serves(user))
            return Refusals.Refuse(null, request, SipStatus.Forbidden, "Messages are kept for users of ours only");

        return GroupPolicy.OperatorBars(Joiner.Of(request).Who, facts.Operator) is { Allowed: false } barred
            ? Refusals.Forbid(null, request, barred.Reason, barred.Explanation)
            : null;
    }

    private static Outcome<DeferredSession> Refuse(InviteRequest request, SipStatus status, string warning) =>
        Outcome.Of<DeferredSession>(null, new Respond(request.Transaction, status, warning));
}
