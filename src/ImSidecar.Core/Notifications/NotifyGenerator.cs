using System.Globalization;
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
        List<Effect>? effects = null;
        foreach (var subscription in conference.Subscriptions.Values)
        {
            if (!IsDue(conference, subscription, facts.Now))
                continue;

            (conference, var notify) = Notify(conference, subscription, facts);
            (effects ??= []).Add(notify);
        }

        return effects is null ? Decision.Of(conference) : new(conference, [.. effects]);
    }

    /// <summary>When this subscription needs attention next.</summary>
    public static DateTimeOffset? NextDue(Conference conference, Subscription subscription)
    {
        if (subscription.AnswerBy is { } answer)
            return answer;

        if (subscription.EndReason is not null || !OwesNews(conference, subscription))
            return subscription.ExpiresAt;

        return subscription.NotBefore < subscription.ExpiresAt ? subscription.NotBefore : subscription.ExpiresAt;
    }

    private static bool IsDue(Conference conference, Subscription subscription, DateTimeOffset now)
    {
        if (subscription.AnswerBy is not null)
            return false;

        if (subscription.EndReason is not null)
            return !subscription.IsTold;

        // IM 7.9.1.1.5/rate
        return OwesNews(conference, subscription) && subscription.NotBefore <= now;
    }

    private static bool OwesNews(Conference conference, Subscription subscription) =>
        subscription.OwesFullState || conference.RosterRevision > subscription.ToldUpTo;

    private static (Conference, SendNotify) Notify(Conference conference, Subscription subscription, Facts facts)
    {
        var cseq = subscription.LocalCSeq + 1;
        var notify = new SendNotify(
            new(conference.Id, subscription.Id, "NOTIFY", cseq),
            subscription.Dialog,
            ScopeOf(subscription),
            subscription.Version,
            subscription.ToldUpTo,
            StateOf(subscription, facts.Now));

        var told = subscription with
        {
            LocalCSeq = cseq,
            Version = subscription.Version + 1,
            ToldUpTo = conference.RosterRevision,
            OwesFullState = false,
            NotBefore = facts.Now + facts.Operator.NotifyInterval,
            AnswerBy = facts.Now + facts.Operator.TransactionDeadline,
            IsTold = subscription.EndReason is not null,
        };
        return (conference.With(told), notify);
    }

    // IM 7.9.1.1.5/partial: full at first and after a refresh, changes from then on.
    private static NotifyScope ScopeOf(Subscription subscription) =>
        subscription.EndReason == SubscriptionEnd.TooLarge ? NotifyScope.Nothing
        : subscription.OwesFullState ? NotifyScope.Full
        : NotifyScope.Partial;

    // IM 7.9.1.1.6/3b: without the blank that the text prints.
    private static string StateOf(Subscription subscription, DateTimeOffset now) =>
        subscription.EndReason is { } reason
            ? "terminated;reason=" + reason
            : "active;expires=" + Math.Max(0, (long)(subscription.ExpiresAt - now).TotalSeconds)
                .ToString(CultureInfo.InvariantCulture);
}
