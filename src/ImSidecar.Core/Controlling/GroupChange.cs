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

        conference = ActivePolicy.Changed(WithRoles(WithDocument(conference, group), facts), group, facts.Now);

        // IM 7.2.2.8
        if (conference.Conditions?.EndsAt <= facts.Now)
            return SessionRelease.Release(conference, facts);

        var decision = WithPrivateMessages(conference, facts);
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

    private static Conference WithRoles(Conference conference, Facts facts)
    {
        foreach (var participant in conference.Participants.Values)
        {
            // Who is on his way out goes as what he was, or out of the session before this one.
            if (participant.Leg.State == LegState.Ending)
                continue;

            var next = participant.WithRoles(Joiner.Of(participant), facts);
            if (!ReferenceEquals(next, participant))
                conference = conference.With(next);
        }

        return conference;
    }

    private static Conference WithoutWatchers(Conference conference, Facts facts)
    {
        foreach (var subscription in conference.Subscriptions.Values)
        {
            if (!ConferenceStatePolicy.OfDocument(conference, Watching(conference, subscription), facts).Allowed)
                conference = TerminateSubscriptions.End(conference, subscription);
        }

        return conference;
    }

    // The switch hears of it at once; his description says it the next time he asks.
    private static Decision WithPrivateMessages(Conference conference, Facts facts)
    {
        var decision = Decision.Of(conference);
        foreach (var participant in conference.InOrder())
        {
            var media = participant.Leg.Media;
            var may = PrivateMessagePolicy.Allows(Joiner.Of(participant), facts);
            if (may == media.MayWritePrivately || participant.Leg.State == LegState.Ending)
                continue;

            var changed = participant with
            {
                Leg = participant.Leg with { Media = media with { MayWritePrivately = may } },
            };
            decision = participant.Leg.State == LegState.Offered
                ? decision.Then(next => Decision.Of(next.With(changed)))
                : decision.Then(next => Decision.Of(next.With(changed), LegOpening.Of(next, changed)));
        }

        return decision;
    }

    // IM 5.1: who takes part is known by all his addresses, also by one that he has not subscribed as.
    private static Joiner Watching(Conference conference, Subscription subscription) =>
        conference.PartsOf(subscription.Subscriber).FirstOrDefault() is { } part
            ? Joiner.Of(part) with { WantsAnonymity = false }
            : Joiner.Of(subscription.Subscriber);

    private static Conference WithDocument(Conference conference, ResolvedGroup group) =>
        (conference.GroupName, conference.MaxParticipants)
            == (group.Document.DisplayName, group.Document.MaxParticipants)
            ? conference
            : conference with
            {
                GroupName = group.Document.DisplayName,
                MaxParticipants = group.Document.MaxParticipants,
                // RFC 4575 5.3: who watches is told as of any other change.
                DescribedAt = conference.Revision + 1,
                RosterRevision = conference.Revision + 1,
            };
}
