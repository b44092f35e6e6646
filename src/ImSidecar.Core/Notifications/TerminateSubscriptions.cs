using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Notifications;

/// <summary>IM 7.9.1.1.6 Terminating the subscription; the final NOTIFY leaves with the next flush.</summary>
internal static class TerminateSubscriptions
{
    // IM 7.9.1.1.6/1
    public static Decision All(Conference conference)
    {
        foreach (var subscription in conference.Subscriptions.Values)
            conference = End(conference, subscription);
        return Decision.Of(conference);
    }

    // IM 7.9.1.1.6/2, IM 7.2.1.12/term, IM 7.9.1.1.4/term: only who attends may watch, so who leaves stops.
    public static Decision For(Conference conference, Participant gone)
    {
        if (conference.PartsOf(gone).Any(each => each.IsAttending))
            return Decision.Of(conference);

        foreach (var subscription in conference.Subscriptions.Of(gone.OtherAddresses.Prepend(gone.Address)))
            conference = End(conference, subscription);
        return Decision.Of(conference);
    }

    // IM 7.9.1.1.6/3, IM 7.9.1.1.6/3a, IM 7.9.1.1.6/3b, IM 7.9.1.1.6/3c
    public static Conference End(Conference conference, Subscription subscription) =>
        subscription.EndReason is null
            ? conference.With(subscription with { EndReason = SubscriptionEnd.NoResource })
            : conference;
}
