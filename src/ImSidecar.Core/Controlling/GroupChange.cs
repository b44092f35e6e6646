using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// What a changed group document means for the session under way: a deleted group has none, who is not admitted any
/// more goes if the operator wants that. A document that cannot be read changes nothing.
/// </summary>
internal static class GroupChange
{
    public static Decision OnGroupChanged(Conference conference, Facts facts)
    {
        if (conference.IsOver || conference.GroupIdentity is null || facts.Group is not { } known)
            return Decision.Of(conference);

        // IM 7.2.2.8
        if (known.IsNone)
            return SessionRelease.Release(conference, facts);

        if (known.Group is not { } group)
            return Decision.Of(conference);

        var decision = Decision.Of(WithDocument(conference, group));
        if (facts.Operator.AccessWithdrawn == AccessWithdrawn.RefuseNewJoins)
            return decision;

        foreach (var participant in conference.InOrder())
        {
            if (JoiningPolicy.Decide(known, Joiner.Of(participant), facts).Allowed)
                continue;

            decision = decision.Then(next => next.Participants.TryGetValue(participant.Id, out var still)
                ? ParticipantRemoval.Remove(next, still, facts)
                : Decision.Of(next));

            // Nobody is to ring for one who was refused, as if he had given up.
            if (participant.Leg.State == LegState.Offered)
                return decision.Then(next => SessionRelease.Release(next, facts));
        }

        return decision.Then(next => Decision.Of(WithoutWatchers(next, facts)));
    }

    private static Conference WithoutWatchers(Conference conference, Facts facts)
    {
        foreach (var subscription in conference.Subscriptions.Values)
        {
            if (!ConferenceStatePolicy.OfDocument(conference, Joiner.Of(subscription.Subscriber), facts).Allowed)
                conference = TerminateSubscriptions.End(conference, subscription);
        }

        return conference;
    }

    // Subscribers see name and limit with their next full state.
    private static Conference WithDocument(Conference conference, ResolvedGroup group) =>
        (conference.GroupName, conference.MaxParticipants)
            == (group.Document.DisplayName, group.Document.MaxParticipants)
            ? conference
            : conference with
            {
                GroupName = group.Document.DisplayName,
                MaxParticipants = group.Document.MaxParticipants,
            };
}
