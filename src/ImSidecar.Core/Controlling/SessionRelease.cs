using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// The release of a session, IM 7.2.1.10/3: everybody is removed, every subscription ended, then it is forgotten.
/// </summary>
internal static class SessionRelease
{
    public static Decision Release(Conference conference, Facts facts)
    {
        var decision = Decision.Of(conference with { Phase = ConferencePhase.Releasing });
        foreach (var participant in conference.InOrder())
            decision = decision.Then(next => ParticipantRemoval.Remove(next, participant, facts));

        return decision
            // IM 7.9.1.1.6/1
            .Then(TerminateSubscriptions.All)
            .Then(next => Finish(next, facts));
    }

    /// <summary>Released once no BYE, CANCEL or final NOTIFY of ours waits for an answer.</summary>
    public static Decision Finish(Conference conference, Facts facts) =>
        conference.Phase == ConferencePhase.Releasing
            && conference.Participants.IsEmpty
            && conference.Subscriptions.IsEmpty
            ? Decision.Of(conference with
            {
                Phase = ConferencePhase.Released,
                ForgetAt = facts.Now + facts.Operator.ForgetAfter,
            })
            : Decision.Of(conference);
}
