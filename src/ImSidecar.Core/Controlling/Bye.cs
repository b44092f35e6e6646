using ImSidecar.Core.Conferences;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.1.10 SIP BYE request received in an IM Session.</summary>
internal static class Bye
{
    // As many as the link takes forks of one INVITE.
    private const int MaxEarlyByes = 32;

    public static Decision OnBye(Conference? conference, ByeRequest request, Facts facts)
    {
        if (conference?.LegOf(request.Dialog) is not { } participant)
            return OnEarlyBye(conference, request);

        if (request.CSeq <= participant.Leg.RemoteCSeq)
            return Refusals.OutOfOrder(conference, request);

        // IM 7.2.1.10/1
        var decision = Decision.Of(conference, new Respond(request.Transaction, SipStatus.Ok));

        // RFC 3261 15.1.2: a BYE ends the INVITE that still waits.
        if (participant.Leg is { State: LegState.Offered, Transaction: { } waiting })
            decision = decision.And(new Respond(waiting, SipStatus.RequestTerminated));

        return decision
            // IM 7.2.1.10/2, IM 7.2.1.10/4
            .Then(next => ParticipantRemoval.Left(next, participant, DisconnectionMethod.Departed, facts))
            .Then(next => AfterLeaving(next, participant, facts));
    }

    // RFC 3261 15.1.2: it overtook the 2xx to our INVITE, so there is no dialog yet; when the 2xx comes nobody joins.
    private static Decision OnEarlyBye(Conference? conference, ByeRequest request)
    {
        if (conference?.LegInviting(request.Dialog) is not { Leg.LeftEarly: { Length: < MaxEarlyByes } left } invitee)
            return Refusals.NoSuchDialog(conference, request);

        var noted = invitee with
        {
            Leg = invitee.Leg with { LeftEarly = left.Add(request.Dialog.RemoteTag) },
        };
        return Decision.Of(conference.With(noted), new Respond(request.Transaction, SipStatus.Ok));
    }

    /// <summary>What the departure means for those who stay.</summary>
    public static Decision AfterLeaving(Conference conference, Participant left, Facts facts)
    {
        if (conference.IsOver)
            return SessionRelease.Finish(conference, facts);

        // IM 7.2.1.10/3
        return (conference.Kind == ConferenceKind.OneToOne && !IsThere(conference, left))
            || ReleasePolicy.Decide(conference, left, facts.Operator)
            ? SessionRelease.Release(conference, facts)
            : Decision.Of(conference);
    }

    // He came in by another way meanwhile, and this was his old one.
    private static bool IsThere(Conference conference, Participant left) =>
        conference.PartsOf(left).Any(part => part.IsAttending);
}
