using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Notifications;

/// <summary>
/// What the answer to a NOTIFY, or its absence, makes of the subscription, whatever is watched; RFC 6665 4.2.2. Null:
/// the subscription is over.
/// </summary>
internal static class NotifyAnswer
{
    private const int MessageTooLarge = 513;

    // Kamailio's own: nothing could be sent, as to a UDP peer that takes no TCP connection for what is beyond udp_mtu.
    private const int NotSent = 477;

    private static readonly TimeSpan _longestPause = TimeSpan.FromHours(1);

    public static Subscription? OnResponse(Subscription subscription, SipResponse response, Facts facts)
    {
        if (subscription.IsTold)
            return null;

        if (response.Status.IsSuccess)
            return subscription with { AnswerBy = null, HeardUpTo = subscription.ToldUpTo };

        var answered = subscription with { AnswerBy = null };

        // RFC 6665 4.1.3: the document does not get there, the word that there is none any more does.
        if (response.Status.Code is MessageTooLarge or NotSent && subscription.EndReason is null)
            return answered with { EndReason = SubscriptionEnd.TooLarge };

        // RFC 6665 4.2.2: a watcher who asks for a pause keeps the subscription and then gets the whole state; no pause
        // makes him be told more often than he would be.
        return !EndsIt(response.Status.Code) && RetryAfter(response) is { } pause
            ? answered with { OwesFullState = true, NotBefore = Later(answered.NotBefore, facts.Now + pause) }
            : null;
    }

    // RFC 5057 5.1: there is nobody any more who knows of the subscription, or who will ever take its NOTIFYs.
    private static bool EndsIt(int code) =>
        code is 404 or 405 or 408 or 410 or 416 or (>= 480 and <= 485) or 489 or 501 or 604;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    /// <summary>
    /// Nobody will tell what came of a NOTIFY in flight: the whole state goes again, as a request not seen before.
    /// </summary>
    public static Subscription OnLinkRestarted(Subscription subscription, Facts facts) =>
        subscription.AnswerBy is null
            ? subscription
            : subscription with { AnswerBy = null, OwesFullState = true, IsTold = false, NotBefore = facts.Now };

    /// <summary>
    /// A NOTIFY may not have left before the node went: then it is sent now, and its answer has the whole time.
    /// </summary>
    public static Subscription OnNodeStarted(Subscription subscription, Facts facts)
    {
        var least = facts.Now + facts.Operator.TransactionDeadline;
        return subscription.AnswerBy < least ? subscription with { AnswerBy = least } : subscription;
    }

    public static Subscription? OnTimeElapsed(Subscription subscription, Facts facts)
    {
        // No answer, not even the local one: as 408.
        if (subscription.AnswerBy <= facts.Now)
            return null;

        return subscription.ExpiresAt <= facts.Now && subscription.EndReason is null
            ? subscription with { EndReason = SubscriptionEnd.Timeout }
            : subscription;
    }

    private static TimeSpan? RetryAfter(SipResponse response) =>
        DeltaSeconds.Read(response.Headers.First("Retry-After")) is not { } asked ? null
        : asked < _longestPause ? asked
        : _longestPause;
}
