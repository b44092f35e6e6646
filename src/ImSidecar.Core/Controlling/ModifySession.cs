using System.Collections.Immutable;
using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// IM 7.2.1.6 IM Session modification and the refresh that comes as a re-INVITE or UPDATE; IM 7.2.2.6 our re-INVITE.
/// </summary>
internal static class ModifySession
{
    /// <summary>CSeq 1 is for invitations alone: an answer says by its key which of both it is for.</summary>
    public const long FirstReinvite = 2;

    private const int LongestRetryAfter = 10;

    public static Decision OnReinvite(Conference? conference, ReinviteRequest request, Facts facts)
    {
        if (conference?.LegOf(request.Dialog) is not { Leg.State: not LegState.Ending } participant)
            return OnEarlyRequest(conference, request);

        if (request.CSeq <= participant.Leg.RemoteCSeq)
            return Refusals.OutOfOrder(conference, request);

        // RFC 3261 14.2, RFC 3311 5.2: his first INVITE has no answer yet, so no offer can have one.
        if (!participant.IsAttending)
            return IsMereRefresh(request)
                ? OnEarlyRefresh(conference, request, participant)
                : RefuseForNow(conference, request, facts);

        if (Crosses(participant.Leg, request))
            return Refusals.Refuse(
                conference, request, SipStatus.RequestPending, "An offer of ours has no answer yet");

        if (SessionRefresh.IsTooSmall(request, facts))
            return SessionRefresh.RefuseInterval(conference, request, facts);

        var media = Negotiate(participant.Leg.Media, request, facts, conference.IsGroup);

        // IM 7.2.1.6/1: refused, the session goes on as it was.
        if (media is null)
            return Decision.Of(conference, ArrivingParticipant.NotAcceptable(request, request.Offer, facts));

        var leg = SessionRefresh.Restart(participant.Leg, request, facts) with
        {
            Media = media,
            RemoteCSeq = request.CSeq,
            RemoteTarget = request.Contact?.Uri ?? participant.Leg.RemoteTarget,
            Reinvite = AcceptedReinvite.Of(request, participant.Leg.Media, media, facts) ?? participant.Leg.Reinvite,
        };
        var modified = participant with { Leg = leg };
        var response = Accepted(conference, request, modified);
        if (media == participant.Leg.Media && leg.Reconnection is null)
            return Decision.Of(conference.WithDialog(modified), response);

        // IM 7.2.1.6/2 stands before IM 7.2.1.6/3: the switch knows before the peer does.
        return MediaLoss.Await(conference, modified, Anew(leg.Reconnection, media != participant.Leg.Media))
            .And(response);
    }

    /// <summary>Our re-INVITE: the same session, to be connected anew by whoever the peer chooses.</summary>
    public static Decision Propose(Conference conference, Participant participant, Facts facts)
    {
        var media = MediaNegotiation.OfferAgain(participant.Leg.Media, facts);
        var cseq = Math.Max(participant.Leg.LocalCSeq + 1, FirstReinvite);
        var proposing = participant with { Leg = participant.Leg with { Media = media, LocalCSeq = cseq } };
        return MediaLoss.Await(conference, proposing, new(
            ReconnectionStage.Proposing, facts.Now + facts.Operator.TransactionDeadline)
        {
            Proposals = (participant.Leg.Reconnection?.Proposals ?? 0) + 1,
            IsConnected = participant.Leg.Reconnection?.IsConnected ?? false,
        }).And(new SendRequest(
            new(conference.Id, participant.Id, "INVITE", cseq), Request(conference, proposing)));
    }

    private static OutgoingRequest Request(Conference conference, Participant participant)
    {
        var leg = participant.Leg;
        var fields = ImmutableArray.CreateBuilder<SipHeader>();
        fields.AddRange(LegDialog.Routes(leg.RouteSet));
        fields.Add(new("Contact", SessionAccepted.ContactFor(conference, participant)));
        fields.Add(new("Allow", Capabilities.Methods));
        fields.Add(new("Supported", Capabilities.Extensions));

        // RFC 4028 7.1: without it the session timer would end here.
        if (leg.SessionInterval is { } interval)
            fields.Add(new("Session-Expires",
                new SessionExpires((int)interval.TotalSeconds, Refresher.Uas).ToString()));
        fields.Add(new("Content-Type", "application/sdp"));
        return LegDialog.Request(leg, "INVITE", leg.LocalCSeq) with
        {
            Headers = new(fields.DrainToImmutable()),
            Body = leg.Media.LocalDescription,
        };
    }

    // RFC 3261 14.2, RFC 3311 5.2: nobody offers while an offer waits.
    private static bool Crosses(Leg leg, ReinviteRequest request)
    {
        if (leg.Reconnection?.Stage == ReconnectionStage.Proposing)
            return request.Method == "INVITE" || request.Offer is not null;

        if (leg.Reinvite is { AwaitsAnswer: true } && request.Method == "INVITE")
            return true;

        return leg is { State: LegState.Answering, Media.IsNegotiated: false } or { Reinvite.AwaitsAnswer: true }
            && request.Offer is not null;
    }

    private static bool IsMereRefresh(ReinviteRequest request) => request is { Method: "UPDATE", Offer: null };

    // RFC 3311 5.2: where he is reached may change before his INVITE is answered.
    private static Decision OnEarlyRefresh(Conference conference, ReinviteRequest request, Participant participant)
    {
        var refreshed = participant with
        {
            Leg = participant.Leg with
            {
                RemoteCSeq = request.CSeq,
                RemoteTarget = request.Contact?.Uri ?? participant.Leg.RemoteTarget,
            },
        };
        return Decision.Of(conference.With(refreshed), Accepted(conference, request, refreshed));
    }

    // Who rings has a dialog with us, RFC 3261 12.1; our offer to him has no answer yet.
    private static Decision OnEarlyRequest(Conference? conference, ReinviteRequest request)
    {
        if (conference?.LegInviting(request.Dialog) is not { Leg.Early: { } early } invitee
            || early.RemoteTag != request.Dialog.RemoteTag)
            return Refusals.NoSuchDialog(conference, request);

        return IsMereRefresh(request)
            ? Decision.Of(conference, Accepted(conference, request, invitee))
            : Refusals.Refuse(
                conference, request, SipStatus.RequestPending, "An offer of ours has no answer yet");
    }

    private static Decision RefuseForNow(Conference conference, ReinviteRequest request, Facts facts)
    {
        var seconds = facts.DeriveNumber("retry/" + request.Transaction) % (LongestRetryAfter + 1);
        return Refusals.Refuse(
            conference, request, SipStatus.ServerInternalError, "An earlier INVITE has no answer yet",
            ("Retry-After", seconds.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Who modifies the session is alive: the switch waits anew for him to connect as agreed.</summary>
    public static Reconnection? Anew(Reconnection? missing, bool isChanged) =>
        isChanged && missing is { Stage: not ReconnectionStage.Proposing } ? null : missing;

    private static LegMedia? Negotiate(LegMedia media, ReinviteRequest request, Facts facts, bool isGroup)
    {
        // The same offer again, or none in an UPDATE, changes nothing: RFC 4028 7.4.
        if (request.Offer is not { } offer || offer.Span.SequenceEqual(media.Offer.Span))
            return media;

        var changed = media with { DescriptionVersion = media.DescriptionVersion + 1 };
        return MediaNegotiation.Answer(changed, offer, facts, isGroup);
    }

    // IM 7.2.1.6/3, IM 7.2.1.6/3b
    private static Respond Accepted(Conference conference, ReinviteRequest request, Participant participant)
    {
        var leg = participant.Leg;
        var headers = SipHeaders.Of(
            ("Allow", Capabilities.Methods),
            ("Contact", SessionAccepted.ContactFor(conference, participant)),
            ("Supported", Capabilities.Extensions));
        if (leg.SessionInterval is { } interval)
            headers = SessionRefresh.WithTimer(headers, interval);

        // An UPDATE without offer has no answer; a re-INVITE always carries our description.
        var describes = request.Offer is not null || request.Method == "INVITE";
        return new(request.Transaction, SipStatus.Ok)
        {
            // IM 7.2.1.6/3a
            Headers = describes ? headers.With("Content-Type", "application/sdp") : headers,
            Body = describes ? leg.Media.LocalDescription : default,
        };
    }
}
