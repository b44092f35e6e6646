using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// Time is state: every deadline stands in the conference, so a restarted node waits for the same ones.
/// This file says when the next one is and what happens when it has passed.
/// </summary>
internal static class DueWork
{
    public static DateTimeOffset? Next(Conference conference)
    {
        var next = Earliest(conference.ForgetAt, conference.IsOver ? null : conference.Conditions?.EndsAt);
        next = Earliest(next, conference.Participants.FirstDue);
        foreach (var referral in conference.Referrals.Values)
            next = Earliest(next, ReferProgress.NextDue(referral));
        return Earliest(next, conference.Subscriptions.At(conference.RosterRevision).FirstDue);
    }

    public static Decision OnTimeElapsed(Conference conference, Facts facts)
    {
        if (conference.ForgetAt <= facts.Now)
            return Decision.Of(null);

        var decision = Decision.Of(conference);

        // IM 7.2.2.8: max-duration, or the schedule, of session-active-policy.
        if (!conference.IsOver && conference.Conditions?.EndsAt <= facts.Now)
            decision = SessionRelease.Release(conference, facts);

        foreach (var participant in conference.Participants.DueBy(facts.Now))
            decision = decision.Then(next => ForParticipant(next, participant.Id, facts));
        foreach (var subscription in conference.Subscriptions.At(conference.RosterRevision).DueBy(facts.Now))
            decision =
                decision.Then(next => Decision.Of(NotifyOutcome.OnTimeElapsed(next, subscription.Dialog, facts)));
        return decision
            .Then(next => Decision.Of(ReferProgress.OnTimeElapsed(next, facts)))
            .Then(next => SessionRelease.Finish(next, facts));
    }

    private static Decision ForParticipant(Conference conference, string id, Facts facts)
    {
        // An earlier one's removal may have released the session and taken this one out.
        if (!conference.Participants.TryGetValue(id, out var participant))
            return Decision.Of(conference);

        if (participant.AnswerBy <= facts.Now)
            return InviteParticipant.Cancel(conference, participant, facts);

        if (participant.Leg.Deadline <= facts.Now)
            return OnDeadline(conference, participant, facts);

        // RFC 3261 14.2
        if (participant.Leg.Reinvite?.AckBy <= facts.Now)
            return ParticipantRemoval.Remove(conference, participant, facts);

        if (participant.Leg.SessionExpiresAt <= facts.Now)
            return SessionRefresh.OnTimerExpired(conference, participant, facts);

        return participant.Leg.Reconnection?.By <= facts.Now
            ? MediaLoss.OnTimeElapsed(conference, participant, facts)
            : Decision.Of(conference);
    }

    private static Decision OnDeadline(Conference conference, Participant participant, Facts facts) =>
        participant.Leg.State switch
        {
            // No ACK has come all that time.
            LegState.Answering or LegState.Ending when participant.Leg.Transaction is not null =>
                ParticipantRemoval.SendBye(conference, participant, facts),
            LegState.Ending => ParticipantRemoval.OnByeAccepted(conference, participant, facts),
            LegState.Inviting =>
                SetupOutcome.OnInviteRefused(conference, participant, SipStatus.RequestTimeout.Code, facts),
            _ => ParticipantRemoval.Remove(conference, participant, facts),
        };

    private static DateTimeOffset? Earliest(DateTimeOffset? a, DateTimeOffset? b) =>
        a is null ? b : b is null ? a : a < b ? a : b;
}
