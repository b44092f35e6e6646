using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Notifications;

/// <summary>What the answer to a NOTIFY, or its absence, means for the subscription; RFC 6665 4.2.2.</summary>
internal static class NotifyOutcome
{
    public static Conference OnResponse(Conference conference, ActionKey key, SipResponse response, Facts facts)
    {
        if (!response.Status.IsFinal || Find(conference, key) is not { } subscription || subscription.AnswerBy is null)
            return conference;

        if (NotifyAnswer.OnResponse(subscription, response, facts) is not { } answered)
            return Without(conference, subscription);

        return response.Status.IsSuccess
            ? ForgetHeard(conference.With(answered with { HeardUpTo = subscription.ToldUpTo }))
            : conference.With(answered);
    }

    public static Conference OnLinkRestarted(Conference conference, Facts facts)
    {
        foreach (var subscription in conference.Subscriptions.Values)
        {
            var again = NotifyAnswer.OnLinkRestarted(subscription, facts);
            if (!ReferenceEquals(again, subscription))
                conference = conference.With(again);
        }

        return conference;
    }

    public static Conference OnTimeElapsed(Conference conference, DialogId dialog, Facts facts)
    {
        if (!conference.Subscriptions.TryGetValue(dialog, out var subscription))
            return conference;

        if (NotifyAnswer.OnTimeElapsed(subscription, facts) is not { } left)
            return Without(conference, subscription);

        return ReferenceEquals(left, subscription) ? conference : conference.With(left);
    }

    private static Subscription? Find(Conference conference, ActionKey key)
    {
        foreach (var subscription in conference.Subscriptions.Values)
        {
            if (subscription.Id == key.Owner && subscription.LocalCSeq == key.CSeq)
                return subscription;
        }

        return null;
    }

    private static Conference Without(Conference conference, Subscription subscription) =>
        conference with { Subscriptions = conference.Subscriptions.Remove(subscription.Dialog) };

    // A departure is kept until every subscriber has heard of it.
    private static Conference ForgetHeard(Conference conference)
    {
        if (conference.Departures.IsEmpty)
            return conference;

        var heard = conference.Subscriptions.Values.Min(subscription => subscription.HeardUpTo);
        var old = conference.Departures.Values.Where(departure => departure.Revision <= heard).ToList();
        return old.Count == 0
            ? conference
            : conference with
            {
                Departures = conference.Departures.RemoveRange(old.Select(departure => departure.Entity)),
            };
    }
}
