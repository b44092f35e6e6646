using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.1.1 General: the 200 to an initial INVITE.</summary>
internal static class SessionAccepted
{
    /// <summary>Answers the participant's waiting INVITE; the leg is Answering until its ACK.</summary>
    public static Decision Response(Conference conference, Participant participant, LegMedia media, Facts facts)
    {
        var leg = participant.Leg;
        var headers = SipHeaders.Of(
            // IM 7.2.1.1/2
            ("Allow", Capabilities.Methods),
            // RFC 6665 8.2.2
            ("Allow-Events", Capabilities.Event),
            // IM 7.2.1.1/5
            ("Contact", FocusContact(conference)),
            // IM 7.2.1.1/6
            ("Server", facts.Operator.ReleaseVersion),
            ("Supported", Capabilities.Extensions),
            ("Content-Type", "application/sdp"))
            .WithCharging(leg.Charging);

        // IM 7.2.1.1/4, IM 7.2.1.1/4a, IM 7.2.1.1/4b: as the factory, or as the pre-defined group.
        headers = headers.WithIdentity(conference.FocusAddress(facts.Operator), leg.HidesIdentity);

        // IM 7.2.1.1/3: only a peer with session timers can be made the refresher, RFC 4028 9.
        if (leg.SessionInterval is { } interval)
            headers = SessionRefresh.WithTimer(headers, interval);

        // IM 7.2.1.1/1
        var response = new Respond(leg.Transaction!, SipStatus.Ok)
        {
            Headers = headers,
            Body = media.LocalDescription,
            RecordRoute = true,
        };
        var answering = participant with
        {
            Leg = leg with
            {
                State = LegState.Answering,
                Media = media,
                Accepted = response,
                SessionExpiresAt = facts.Now + leg.SessionInterval,
                Deadline = facts.Now + facts.Operator.TransactionDeadline,
            },
        };

        // IM 7.2.1.1/7: marking the change is what makes the notification due.
        return Decision.Of(
            conference.WithVisible(answering) with { Phase = ConferencePhase.Active },
            LegOpening.Of(conference, answering),
            response);
    }

    /// <summary>Clients take a focus for a group chat: whom a one-to-one session invited does not see one.</summary>
    public static string ContactFor(Conference conference, Participant participant) =>
        conference.Kind == ConferenceKind.OneToOne && !participant.IsInviter
            ? $"<{conference.SessionIdentity}>;{FeatureTags.Im}"
            : FocusContact(conference);

    public static string FocusContact(Conference conference) =>
        $"<{conference.SessionIdentity}>;{FeatureTags.Focus};{FeatureTags.Im}";
}
