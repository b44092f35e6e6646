using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Notifications;

/// <summary>What the answer to a NOTIFY, or its absence, means for the subscription; RFC 6665 4.2.2.</summary>
internal static class NotifyOutcome
{
    public static Conference OnResponse(Conference conference, ActionKey key, SipResponse response, Facts facts)
    {
        if (!response.Status.IsFinal
            || conference.Subscriptions.Find(key.Owner) is not { AnswerBy: not null } subscription
            || subscription.LocalCSeq != key.CSeq)
            return conference;

        if (NotifyAnswer.OnResponse(subscription, response, facts) is not { } answered)
            return Without(conference, subscription);

        return DepartureList.Forget(conference, conference.With(answered));
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

    public static Conference Without(Conference conference, Subscription gone) => DepartureList.Forget(
        conference, conference with { Subscriptions = conference.Subscriptions.Remove(gone.Dialog) });
}
