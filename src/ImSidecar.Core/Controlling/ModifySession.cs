using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.1.6 IM Session modification, and the refresh that comes as a re-INVITE or UPDATE.</summary>
internal static class ModifySession
{
    public static Decision OnReinvite(Conference? conference, ReinviteRequest request, Facts facts)
    {
        if (conference?.LegOf(request.Dialog) is not { } participant || !participant.IsAttending)
            return Refusals.NoSuchDialog(conference, request);

        if (request.CSeq <= participant.Leg.RemoteCSeq)
            return Refusals.OutOfOrder(conference, request);

        if (SessionRefresh.IsTooSmall(request, facts))
            return SessionRefresh.RefuseInterval(conference, request, facts);

        // IM 7.2.1.6/1: refused, the session goes on as it was.
        var media = Negotiate(participant.Leg.Media, request, facts, conference.Kind == ConferenceKind.AdHoc);
        if (media is null)
            return Refusals.Refuse(conference, request, SipStatus.NotAcceptableHere, MediaNegotiation.Unsupported);

        var leg = SessionRefresh.Restart(participant.Leg, request, facts) with
        {
            Media = media,
            RemoteCSeq = request.CSeq,
            RemoteTarget = request.Contact?.Uri ?? participant.Leg.RemoteTarget,
        };
        var modified = participant with { Leg = leg };
        var response = Accepted(conference, request, modified);

        // IM 7.2.1.6/2 stands before IM 7.2.1.6/3: the switch knows before the peer does.
        return media == participant.Leg.Media
            ? Decision.Of(conference.With(modified), response)
            : Decision.Of(conference.With(modified),
                new OpenLeg(conference.Id, media, AuthenticatedOriginator.CpimIdentities(modified)), response);
    }

    private static LegMedia? Negotiate(LegMedia media, ReinviteRequest request, Facts facts, bool isGroup)
    {
        // The same offer again, or none in an UPDATE, changes nothing: RFC 4028 7.4.
        if (request.Offer is not { } offer || offer.Span.SequenceEqual(media.Offer.Span))
            return media;

        var changed = media with { DescriptionVersion = media.DescriptionVersion + 1 };
        return MediaNegotiation.Answer(changed, offer, facts, isGroup);
    }

    // IM 7.2.1.6/3
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
