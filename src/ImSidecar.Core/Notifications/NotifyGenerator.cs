using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Notifications;

/// <summary>
/// IM 7.9.1.1.5 Generating a SIP NOTIFY request: who is to be told now, and from which revision on.
/// One NOTIFY at a time waits for its answer in each subscription; what happens meanwhile goes into the next one.
/// </summary>
internal static class NotifyGenerator
{
    public static Decision Flush(Conference conference, Facts facts)
    {
        // IM 7.2.1.12/change, IM 7.9.1.1.4/change
        var table = conference.Subscriptions.At(conference.RosterRevision);
        if (!ReferenceEquals(table, conference.Subscriptions))
            conference = conference with { Subscriptions = table };

        List<Effect> effects = [];
        List<Subscription> told = [];
        foreach (var subscription in table.DueBy(facts.Now))
        {
            if (!SubscriptionDialog.IsDue(subscription, subscription.IsBehind(conference.RosterRevision), facts.Now))
                continue;

            var (next, notify) = Notify(conference, subscription, facts);
            told.Add(next);
            effects.Add(notify);
        }

        return told.Count == 0
            ? Decision.Of(conference)
            : new(conference with { Subscriptions = table.SetTold(told) }, [.. effects]);
    }

    /// <summary>He is told that his subscription has ended and nothing of what there is now.</summary>
    public static Subscription WithoutState(Subscription subscription) =>
        subscription with { ToldUpTo = long.MaxValue };

    private static (Subscription, SendNotify) Notify(Conference conference, Subscription subscription, Facts facts)
    {
        var scope = ScopeOf(conference, subscription);
        var told = SubscriptionDialog.Tell(subscription, facts) with
        {
            Version = subscription.Version + (scope is NotifyScope.Nothing or NotifyScope.Known ? 0u : 1u),
            ToldUpTo = Math.Max(subscription.ToldUpTo, conference.RosterRevision),
        };
        var notify = new SendNotify(
            new(conference.Id, subscription.Id, "NOTIFY", told.LocalCSeq),
            subscription.Dialog,
            scope,
            subscription.Version,
            subscription.ToldUpTo,
            SubscriptionDialog.StateOf(subscription, facts.Now));
        return (told, notify);
    }

    private static NotifyScope ScopeOf(Conference conference, Subscription subscription)
    {
        if (subscription.EndReason == SubscriptionEnd.TooLarge || subscription.ToldUpTo == long.MaxValue)
            return NotifyScope.Nothing;

        // RFC 4575 4.4: with the session goes all there was to see of it.
        if (conference.IsOver && subscription.EndReason == SubscriptionEnd.NoResource)
            return NotifyScope.Gone;

        // RFC 6446 5.3: it is time to repeat what there is.
        var isRepeated = subscription.EndReason is null && !subscription.IsBehind(conference.RosterRevision);
        if (isRepeated || subscription.OwesFullState)
            return NotifyScope.Full;

        if (subscription.OwesTag && conference.RosterRevision <= subscription.ToldUpTo)
            return NotifyScope.Known;

        // IM 7.9.1.1.5/partial: full at first and after a refresh, changes from then on.
        return subscription.Version == 0 ? NotifyScope.Full : NotifyScope.Partial;
    }
}
