using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Controlling;

/// <summary>What a restart leaves open: of this node (MSRP legs) and of Kamailio (transactions in flight).</summary>
internal static class Resumption
{
    public static Decision OnNodeStarted(Conference conference, Facts facts)
    {
        var decision = Decision.Of(WithPatience(conference, facts));
        foreach (var participant in conference.InOrder())
        {
            if (participant.Leg.State is LegState.Offered or LegState.Ending)
                continue;

            decision = decision.Then(next => MediaLoss.OnNodeStarted(next, participant.Id, facts));
        }

        return decision;
    }

    /// <summary>Its transactions are gone with it: waiting INVITEs have failed, ours will not be answered.</summary>
    public static Decision OnLinkRestarted(Conference conference, LinkRestarted restarted, Facts facts)
    {
        var decision = Decision.Of(conference);
        foreach (var participant in conference.InOrder())
            decision = decision.Then(next => ForParticipant(next, participant, restarted, facts));
        return restarted.EndsOurs
            ? decision.Then(next =>
                Decision.Of(ReferProgress.OnLinkRestarted(NotifyOutcome.OnLinkRestarted(next, facts))))
            : decision;
    }

    private static Conference WithPatience(Conference conference, Facts facts)
    {
        foreach (var subscription in conference.Subscriptions.Values)
        {
            var patient = NotifyAnswer.OnNodeStarted(subscription, facts);
            if (!ReferenceEquals(patient, subscription))
                conference = conference.With(patient);
        }

        return ReferProgress.OnNodeStarted(conference, facts);
    }

    private static Decision ForParticipant(
        Conference conference, Participant before, LinkRestarted restarted, Facts facts)
    {
        if (!conference.Participants.TryGetValue(before.Id, out var participant))
            return Decision.Of(conference);

        return participant.Leg switch
        {
            { State: LegState.Offered, Transaction: { } transaction } when restarted.Ends(transaction) =>
                AnsweredLeg.OnEnded(conference, transaction, facts),
            { State: LegState.Inviting } when restarted.EndsOurs => StopRinging(conference, participant)
                .Then(next => SetupOutcome.OnInviteRefused(
                    next, participant, SipStatus.RequestTimeout.Code, facts)),
            // A BYE of this very decision has not been lost.
            { State: LegState.Ending } when restarted.EndsOurs && before.Leg.State == LegState.Ending =>
                ParticipantRemoval.SendBye(conference, participant, facts),
            // Whether the peer got our re-INVITE, and what he said to it, nobody knows any more.
            { Reconnection.Stage: ReconnectionStage.Proposing } when restarted.EndsOurs =>
                ModifySession.Propose(conference, participant, facts),
            // Nobody will tell of its ACK; he goes on as far as we know.
            { Reinvite: { } reinvite } leg when restarted.Ends(reinvite.Transaction) => Decision.Of(
                conference.With(participant with { Leg = leg with { Reinvite = null } })),
            _ => Decision.Of(conference),
        };
    }

    // CANCEL finds the INVITE only if it was sent by this Kamailio after all, before we knew of the restart.
    private static Decision StopRinging(Conference conference, Participant invitee)
    {
        var decision = invitee.Invitation == Invitation.Cancelling
            ? Decision.Of(conference)
            : Decision.Of(conference, InviteParticipant.CancelOf(conference, invitee));
        return LegDialog.ByeToRinging(conference, invitee) is { } bye ? decision.And(bye) : decision;
    }
}
