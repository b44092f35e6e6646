using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.2.6, upon the answer to our re-INVITE: RFC 3261 14.1 and 12.2.1.2.</summary>
internal static class ReinviteOutcome
{
    public static Decision OnResponse(
        Conference conference, ActionKey key, SipResponse response, Facts facts, bool isStray)
    {
        if (!response.Status.IsFinal)
            return Decision.Of(conference);

        var participant = conference.Participants.GetValueOrDefault(key.Owner);
        if (participant?.Leg is not { Reconnection: { Stage: ReconnectionStage.Proposing } reconnection } leg
            || leg.LocalCSeq != key.CSeq)
            return OnTooLate(conference, participant, key, response, isStray);

        return response.Status.Code switch
        {
            < 300 => OnAccepted(conference, key, participant, response, facts),
            491 => OnCrossed(conference, participant, reconnection, facts),
            // RFC 3261 12.2.1.2: without answer, or with these two, the dialog is over.
            408 or 481 => ParticipantRemoval.Remove(conference, participant, facts),
            // RFC 3261 14.1: the session goes on as it was, if there is one.
            _ when reconnection.IsConnected => MediaLoss.Await(conference, participant, null),
            _ => ParticipantRemoval.Remove(conference, participant, facts),
        };
    }

    private static Decision OnAccepted(
        Conference conference, ActionKey key, Participant participant, SipResponse response, Facts facts)
    {
        var leg = LegDialog.Refreshed(LegDialog.WithAgreedTimer(participant.Leg, response, facts), response);
        var ack = LegDialog.Ack(key, leg);
        if (MediaNegotiation.Accept(leg.Media, response.Body, facts) is not { } media)
        {
            return Decision.Of(conference.WithDialog(participant with { Leg = leg }), ack)
                .Then(next => ParticipantRemoval.Remove(next, next.Participants[participant.Id], facts));
        }

        // His next offer is compared with none: what he said last was an answer.
        var accepted = participant with { Leg = leg with { Media = media with { Offer = default } } };
        var isWanted = !leg.Reconnection!.IsConnected && !media.HoldsConnection
            && facts.Operator.MediaReconnect > TimeSpan.Zero;
        return MediaLoss.Await(conference, accepted, !isWanted ? null : leg.Reconnection with
        {
            Stage = ReconnectionStage.Connecting,
            By = facts.Now + facts.Operator.MediaReconnect,
        }).And(ack).Then(next => MediaLoss.MoveOn(next, participant.Id, facts));
    }

    // RFC 3261 14.1: who made the Call-ID waits longer, so that the second attempts do not cross too.
    private static Decision OnCrossed(
        Conference conference, Participant participant, Reconnection reconnection, Facts facts)
    {
        var chance = facts.DeriveNumber("pause/" + participant.Id);
        var isOurCallId = participant.Invitation != Invitation.None;
        var pause = TimeSpan.FromMilliseconds(10 * (isOurCallId ? 210 + chance % 191 : chance % 201));
        return MediaLoss.Await(conference, participant, reconnection.IsConnected ? null : reconnection with
        {
            Stage = ReconnectionStage.Postponed,
            By = facts.Now + pause,
        });
    }

    // RFC 3261 13.2.2.4: a 2xx is acknowledged even when its dialog is ending or over.
    private static Decision OnTooLate(
        Conference conference, Participant? participant, ActionKey key, SipResponse response, bool isStray)
    {
        var leg = participant is null ? LegDialog.OfFork(response, key.CSeq)
            : isStray || participant.Leg.State == LegState.Ending ? participant.Leg
            : null;
        return response.Status.IsSuccess && leg is not null
            ? Decision.Of(conference, LegDialog.Ack(key, leg))
            : Decision.Of(conference);
    }
}
