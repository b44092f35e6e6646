using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Controlling;

/// <summary>IM 7.2.1.9 Removal of Participant from IM Session.</summary>
internal static class ParticipantRemoval
{
    /// <summary>Ends the participant's part whatever state it is in: BYE, CANCEL or a final response.</summary>
    public static Decision Remove(Conference conference, Participant participant, Facts facts) =>
        participant.Leg.State switch
        {
            LegState.Ending => Decision.Of(conference),
            LegState.Inviting when participant.Invitation == Invitation.Cancelling => Decision.Of(conference),
            LegState.Inviting => InviteParticipant.Cancel(conference, participant, facts),
            LegState.Offered => Refuse(conference, participant),
            LegState.Answering => Decision.Of(conference.With(AwaitingAck(participant))),
            _ => SendBye(conference, participant, facts),
        };

    /// <summary>IM 7.2.1.9/1, IM 7.2.1.9/2; again if Kamailio lost the first one.</summary>
    public static Decision SendBye(Conference conference, Participant participant, Facts facts)
    {
        var bye = LegDialog.Bye(conference.Id, participant.Id, participant.Leg);
        var ending = participant with
        {
            Leg = participant.Leg with
            {
                State = LegState.Ending,
                LocalCSeq = bye.Request.CSeq,
                Transaction = null,
                Accepted = null,
                SessionExpiresAt = null,
                Reconnection = null,
                Reinvite = null,
                Deadline = facts.Now + facts.Operator.TransactionDeadline,
            },
        };
        return Decision.Of(conference.With(ending), bye);
    }

    // RFC 3261 15: no BYE before the ACK for our 2xx, or before we know that none comes.
    private static Participant AwaitingAck(Participant participant) => participant with
    {
        Leg = participant.Leg with
        {
            State = LegState.Ending,
            SessionExpiresAt = null,
            Reconnection = null,
            Reinvite = null,
        },
    };

    private static Decision Refuse(Conference conference, Participant participant) =>
        Decision.Of(
            Forget(conference, participant, DisconnectionMethod.Failed),
            new Respond(participant.Leg.Transaction!, SipStatus.TemporarilyUnavailable, "Session was released"));

    public static Decision OnResponse(Conference conference, ActionKey key, SipResponse response, Facts facts) =>
        response.Status.IsFinal
            && key.Variant.Length == 0
            && conference.Participants.TryGetValue(key.Owner, out var participant)
            && participant.Leg.State == LegState.Ending
            ? OnByeAccepted(conference, participant, facts)
            : Decision.Of(conference);

    /// <summary>Upon the final response to our BYE, whatever it is, or none in time.</summary>
    public static Decision OnByeAccepted(Conference conference, Participant participant, Facts facts) =>
        Decision.Of(conference)
            // IM 7.2.1.9/ok-1, IM 7.2.1.9/ok-2, IM 7.2.1.9/ok-3: the departure makes the notification due.
            .Then(next => Left(next, participant, DisconnectionMethod.Booted, facts))
            .Then(next => Bye.AfterLeaving(next, participant, facts));

    /// <summary>Takes the participant, his MSRP leg and his subscriptions out.</summary>
    public static Decision Left(
        Conference conference, Participant participant, DisconnectionMethod method, Facts facts) =>
        Decision.Of(Forget(conference, participant, method), new CloseLeg(participant.Leg.Media.SessionId))
            .Then(next => TerminateSubscriptions.For(next, participant));

    /// <summary>Takes the participant out of the roster; a departure remains if he was shown in it.</summary>
    public static Conference Forget(Conference conference, Participant participant, DisconnectionMethod method)
    {
        var without = conference with { Participants = conference.Participants.Remove(participant.Id) };
        return participant.IsShown ? Depart(without, participant, method) : without;
    }

    /// <summary>Those who watch see him go; without anybody who watches nothing has to be remembered.</summary>
    public static Conference Depart(Conference conference, Participant participant, DisconnectionMethod method)
    {
        // He came again and has not left: at most he is seen where he was.
        if (StillShown(conference, participant) is { } other)
            return conference.WithVisible(other);

        var revision = conference.Revision + 1;
        var departure = new Departure(
            participant.Entity, Identity.DisplayName.Shown(participant), RosterEntry.EndpointOf(participant), method,
            revision);
        return DepartureList.Add(conference with { RosterRevision = revision }, departure);
    }

    private static Participant? StillShown(Conference conference, Participant gone)
    {
        Participant? ending = null;
        foreach (var other in conference.Participants.Find(ParticipantName.Entity(gone.Entity)))
        {
            if (other.Id == gone.Id || !other.IsShown)
                continue;

            if (other.Leg.State != LegState.Ending)
                return other;
            ending = other;
        }

        return ending;
    }
}
