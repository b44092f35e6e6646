using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Notifications;

/// <summary>The notifier's side of a subscription, whatever is watched; RFC 6665 4.2.</summary>
internal static class SubscriptionDialog
{
    /// <summary>RFC 6665 4.2.1.1: 423 to who wants to be asked too often; null: the duration will do.</summary>
    public static Respond? TooBrief(SubscribeRequest request, Facts facts) =>
        request.Expires is > 0 and < 3600 and { } asked
            && asked < facts.Operator.MinSubscriptionDuration.TotalSeconds
            ? new(request.Transaction, SipStatus.IntervalTooBrief, "Subscription is too short")
            {
                Headers = SipHeaders.Of(("Min-Expires", Seconds(facts.Operator.MinSubscriptionDuration))),
            }
            : null;

    public static Subscription Begin(
        SubscribeRequest request, string id, SipUri subscriber, SipUri contact, Facts facts) => new()
        {
            Id = id,
            Dialog = request.Dialog,
            Subscriber = subscriber.Bare,
            LocalAddress = new NameAddress(request.To.Uri, request.To.DisplayName).ToString(),
            RemoteAddress = new NameAddress(request.From.Uri, request.From.DisplayName).ToString(),
            RemoteTarget = contact,
            RouteSet = request.RouteSet,
            EventId = request.EventId,
            ExpiresAt = facts.Now,
            RemoteCSeq = request.CSeq,
        };

    public static Subscription Refresh(Subscription subscription, SubscribeRequest request) => subscription with
    {
        RemoteCSeq = request.CSeq,
        RemoteTarget = request.Contact?.Uri ?? subscription.RemoteTarget,
    };

    public static TimeSpan Granted(SubscribeRequest request, Facts facts)
    {
        var most = facts.Operator.SubscriptionDuration;
        return request.Expires is { } seconds && seconds < most.TotalSeconds ? TimeSpan.FromSeconds(seconds) : most;
    }

    /// <summary>
    /// RFC 6665 4.2.1.4: no duration asks for the state once, or ends the subscription; both get one last NOTIFY.
    /// </summary>
    public static Subscription Accept(
        Subscription subscription, SubscribeRequest request, TimeSpan duration, Facts facts) =>
        WithRates(subscription, request, facts.Operator) with
        {
            ExpiresAt = facts.Now + duration,
            OwesFullState = true,
            NotBefore = facts.Now,
            EndReason = duration == TimeSpan.Zero ? SubscriptionEnd.Timeout : null,
        };

    // RFC 6446 4.3, 5.3: never more often than the operator lets; what a SUBSCRIBE does not name holds no longer.
    private static Subscription WithRates(
        Subscription subscription, SubscribeRequest request, OperatorPolicy policy)
    {
        TimeSpan? throttle = request.MaxRate is { Interval: var asked } ? Longer(asked, policy.NotifyInterval) : null;
        return subscription with
        {
            Throttle = throttle,
            Repeat = request.MinRate is { Interval: var most }
                ? Longer(Longer(most, policy.ShortestRepeat), throttle ?? policy.NotifyInterval)
                : null,
        };
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>True when a NOTIFY is to be sent now; one at a time waits for its answer.</summary>
    public static bool IsDue(Subscription subscription, bool owesNews, DateTimeOffset now)
    {
        if (subscription.AnswerBy is not null)
            return false;

        if (subscription.EndReason is not null)
            return !subscription.IsTold;

        // IM 7.9.1.1.5/rate
        return (owesNews || subscription.RepeatAt <= now) && subscription.NotBefore <= now;
    }

    /// <summary>The next NOTIFY has been sent and waits for its answer.</summary>
    public static Subscription Tell(Subscription subscription, Facts facts) => subscription with
    {
        LocalCSeq = subscription.LocalCSeq + 1,
        OwesFullState = false,
        OwesTag = false,
        NotBefore = facts.Now + (subscription.Throttle ?? facts.Operator.NotifyInterval),
        RepeatAt = facts.Now + subscription.Repeat,
        AnswerBy = facts.Now + facts.Operator.TransactionDeadline,
        IsTold = subscription.EndReason is not null,
    };

    // IM 7.9.1.1.6/3b: without the blank that the text prints.
    public static string StateOf(Subscription subscription, DateTimeOffset now) =>
        subscription.EndReason is { } reason
            ? "terminated;reason=" + reason
            : "active;expires=" + Seconds(subscription.ExpiresAt < now ? TimeSpan.Zero : subscription.ExpiresAt - now)
                + (subscription.Throttle is { } least ? ";max-rate=" + new NotifyRate(least) : "")
                + (subscription.Repeat is { } most ? ";min-rate=" + new NotifyRate(most) : "");

    /// <summary>A NOTIFY without its body; the event is the name of the package with its parameters.</summary>
    public static OutgoingRequest Notify(
        Subscription subscription, long cseq, string contact, string package, string state)
    {
        var id = subscription.EventId is { } text ? ";id=" + text : "";
        var headers = SipHeaders.Of(
            ("Contact", contact),
            ("Event", package + id),
            ("Subscription-State", state));
        return new()
        {
            Method = "NOTIFY",
            Uri = subscription.RemoteTarget,
            From = subscription.LocalAddress,
            FromTag = subscription.Dialog.LocalTag,
            To = subscription.RemoteAddress,
            ToTag = subscription.Dialog.RemoteTag,
            CallId = subscription.Dialog.CallId,
            CSeq = cseq,
            Headers = new([.. subscription.RouteSet.Select(route => new SipHeader("Route", route)), .. headers]),
        };
    }

    public static string Seconds(TimeSpan time) => ((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
