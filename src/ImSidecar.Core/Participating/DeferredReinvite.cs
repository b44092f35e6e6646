using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>A re-INVITE or UPDATE in a session with the message store, RFC 3261 14, RFC 3311, RFC 4028.</summary>
internal static class DeferredReinvite
{
    public static Outcome<DeferredSession> OnReinvite(
        DeferredSession? session, ReinviteRequest request, Facts facts)
    {
        if (session?.Leg is not { State: LegState.Active or LegState.Answering } leg || leg.Dialog != request.Dialog)
            return new(session, Refusals.NoSuchDialog(null, request).Effects);

        if (request.CSeq <= leg.RemoteCSeq)
            return new(session, Refusals.OutOfOrder(null, request).Effects);

        if (Crosses(leg, request))
            return new(session, Refusals.Refuse(
                null, request, SipStatus.RequestPending, "An offer of ours has no answer yet").Effects);

        if (SessionRefresh.IsTooSmall(request, facts))
            return new(session, SessionRefresh.RefuseInterval(null, request, facts).Effects);

        // Refused, the session goes on as it was.
        if (Negotiate(session, leg.Media, request, facts) is not { } media)
            return Outcome.Of(
                session, DeferredMedia.NotAcceptable(request, request.Offer, MediaTerms.Of(session), facts));

        var modified = session with
        {
            Leg = SessionRefresh.Restart(leg, request, facts) with
            {
                Media = media,
                RemoteCSeq = request.CSeq,
                RemoteTarget = request.Contact?.Uri ?? leg.RemoteTarget,
                Reinvite = AcceptedReinvite.Of(request, leg.Media, media, facts) ?? leg.Reinvite,
            },
        };

        // The switch knows before the peer does.
        var response = Accepted(modified, request, facts);
        return media == leg.Media
            ? Outcome.Of(modified, response)
            : Outcome.Of(modified, DeferredDialog.Open(modified), response);
    }

    /// <summary>RFC 3261 13.2.1: without a good answer to our offer the session goes on as it was.</summary>
    public static Outcome<DeferredSession> OnAcknowledged(
        DeferredSession session, ReadOnlyMemory<byte> answer, Facts facts)
    {
        var leg = session.Leg!;
        var settled = session with { Leg = leg with { Reinvite = null } };
        if (!leg.Reinvite!.AwaitsAnswer
            || DeferredMedia.Accept(leg.Media, answer, MediaTerms.Of(session)) is not { } media
            || AcceptedReinvite.SaysTheSame(media, leg.Media))
            return Outcome.Of(settled);

        // His next offer is compared with none: what he said last was an answer.
        var changed = settled with { Leg = settled.Leg with { Media = media with { Offer = default } } };
        return Outcome.Of(changed, DeferredDialog.Open(changed));
    }

    /// <summary>RFC 3261 14.1: a re-INVITE that failed after all changes nothing.</summary>
    public static Outcome<DeferredSession> OnEnded(DeferredSession session)
    {
        var leg = session.Leg!;
        var settled = session with { Leg = leg with { Reinvite = null, Media = leg.Reinvite!.Before ?? leg.Media } };
        return leg.Reinvite.Before is null
            ? Outcome.Of(settled)
            : Outcome.Of(settled, DeferredDialog.Open(settled));
    }

    // RFC 3261 14.2, RFC 3311 5.2: nobody offers while an offer waits.
    private static bool Crosses(Leg leg, ReinviteRequest request) =>
        (leg.Reinvite is { AwaitsAnswer: true } && (request.Method == "INVITE" || request.Offer is not null))
        || (leg is { State: LegState.Answering, Media.IsNegotiated: false } && request.Offer is not null);

    // The same offer again, or none, changes nothing: RFC 4028 7.4.
    private static LegMedia? Negotiate(
        DeferredSession session, LegMedia media, ReinviteRequest request, Facts facts) =>
        request.Offer is not { } offer || offer.Span.SequenceEqual(media.Offer.Span)
            ? media
            : DeferredMedia.Answer(
                media with { DescriptionVersion = media.DescriptionVersion + 1 }, offer, MediaTerms.Of(session), facts);

    private static Respond Accepted(DeferredSession session, ReinviteRequest request, Facts facts)
    {
        var headers = SipHeaders.Of(
            ("Allow", Capabilities.Methods),
            ("Contact", DeferredDialog.Contact(session, facts)),
            ("Supported", Capabilities.Extensions));
        if (session.Leg!.SessionInterval is { } interval)
            headers = SessionRefresh.WithTimer(headers, interval);

        // An UPDATE without offer has no answer; a re-INVITE always carries our description.
        var describes = request.Offer is not null || request.Method == "INVITE";
        return new(request.Transaction, SipStatus.Ok)
        {
            Headers = describes ? headers.With("Content-Type", "application/sdp") : headers,
            Body = describes ? session.Leg.Media.LocalDescription : default,
        };
    }
}
