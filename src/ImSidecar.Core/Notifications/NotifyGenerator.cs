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

        List<Effect>? effects = null;
        foreach (var subscription in table.DueBy(facts.Now))
        {
            if (!SubscriptionDialog.IsDue(subscription, subscription.IsBehind(conference.RosterRevision), facts.Now))
                continue;

            (conference, var notify) = Notify(conference, subscription, facts);
            (effects ??= []).Add(notify);
        }

        return effects is null ? Decision.Of(conference) : new(conference, [.. effects]);
    }

    /// <summary>He is told that his subscription has ended and nothing of what there is now.</summary>
    public static Subscription WithoutState(Subscription subscription) =>
        subscription with { ToldUpTo = long.MaxValue };

    private static (Conference, SendNotify) Notify(Conference conference, Subscription subscription, Facts facts)
    {
        var told = SubscriptionDialog.Tell(subscription, facts) with
        {
            Version = subscription.Version + 1,
            ToldUpTo = Math.Max(subscription.ToldUpTo, conference.RosterRevision),
        };
        var notify = new SendNotify(
            new(conference.Id, subscription.Id, "NOTIFY", told.LocalCSeq),
            subscription.Dialog,
            ScopeOf(subscription),
            subscription.Version,
            subscription.ToldUpTo,
            SubscriptionDialog.StateOf(subscription, facts.Now));
        return (conference.With(told), notify);
    }

    // IM 7.9.1.1.5/partial: full at first and after a refresh, changes from then on.
    private static NotifyScope ScopeOf(Subscription subscription) =>
        subscription.EndReason == SubscriptionEnd.TooLarge || subscription.ToldUpTo == long.MaxValue
            ? NotifyScope.Nothing
        : subscription.OwesFullState ? NotifyScope.Full
        : NotifyScope.Partial;
}
