using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.Core.Controlling;

/// <summary>What becomes of an INVITE we answered: its ACK, its loss, its CANCEL; RFC 3261 13.3.1.4 and 9.2.</summary>
internal static class AnsweredLeg
{
    public static Decision OnAcknowledged(Conference conference, InviteAcknowledged acknowledged, Facts facts)
    {
        if (acknowledged.Transaction is { } reinvite && conference.LegReinvited(reinvite) is { } modified)
            return AcceptedReinvite.OnAcknowledged(conference, modified, acknowledged.Body, facts);

        if (Find(conference, acknowledged.Transaction, acknowledged.Dialog) is not { } participant)
            return Decision.Of(conference);

        // RFC 3261 15: he was removed before; now he may hear of it.
        if (participant.Leg is { State: LegState.Ending, Transaction: not null })
            return ParticipantRemoval.SendBye(conference, participant, facts);

        if (participant.Leg.State != LegState.Answering)
            return Decision.Of(conference);

        var settled = participant with
        {
            Leg =
                participant.Leg with { State = LegState.Active, Transaction = null, Accepted = null, Deadline = null },
        };
        if (settled.Leg.Media.IsNegotiated)
            return MediaLoss.MoveOn(conference.With(settled), settled.Id, facts);

        // Our 200 carried the offer: this is the answer, and without a good one there is no session.
        if (MediaNegotiation.Accept(settled.Leg.Media, acknowledged.Body, facts) is not { } media)
            return ParticipantRemoval.Remove(conference.With(settled), settled, facts);

        var answered = settled with { Leg = settled.Leg with { Media = media } };
        return Decision.Of(conference.With(answered), LegOpening.Of(conference, answered))
            .Then(next => MediaLoss.MoveOn(next, answered.Id, facts));
    }

    public static Decision OnAckTimedOut(Conference conference, AckTimedOut timeout, Facts facts) =>
        Find(conference, timeout.Transaction, timeout.Dialog) is { } participant
            && (participant.IsAttending || participant.Leg.Transaction is not null)
            ? ParticipantRemoval.SendBye(conference, participant, facts)
            : Decision.Of(conference);

    /// <summary>Upon CANCEL, or when our final response could not be sent: the peer has no dialog, so no BYE.</summary>
    public static Decision OnEnded(Conference conference, string transaction, Facts facts)
    {
        if (conference.LegReinvited(transaction) is { } modified)
            return AcceptedReinvite.OnEnded(conference, modified);

        if (conference.LegAnswering(transaction) is not { } participant)
            return Decision.Of(conference);

        var decision = ParticipantRemoval.Left(conference, participant, DisconnectionMethod.Failed, facts);
        return participant.Leg.State == LegState.Offered && !conference.IsOver
            ? decision.Then(next => SessionRelease.Release(next, facts))
            : decision.Then(next => Bye.AfterLeaving(next, participant, facts));
    }

    private static Participant? Find(Conference conference, string? transaction, Protocol.Sip.DialogId dialog) =>
        (transaction is null ? null : conference.LegAnswering(transaction)) ?? conference.LegOf(dialog);
}
