using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Notifications;

/// <summary>The subscriber's side of a subscription of ours, whatever it is about; RFC 6665 4.1.</summary>
internal static class SubscriberDialog
{
    private static readonly TimeSpan _first = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _refused = TimeSpan.FromHours(1);
    private static readonly TimeSpan _mostGranted = TimeSpan.FromDays(30);

    /// <summary>A SUBSCRIBE without a body, RFC 6665 4.1.2; the event is the package with its parameters.</summary>
    public static OutgoingRequest Request(
        AggregateId id, WatchDialog dialog, SipUri us, SipUri notifier, string package, string accepted,
        TimeSpan duration, Facts facts)
    {
        var headers = SipHeaders.Of(
            ("Contact", $"<{SipUri.Of("sip", id.Value, facts.Operator.ConferenceFactory.Host)}>"),
            ("Event", package),
            ("Expires", SubscriptionDialog.Seconds(duration)),
            ("Accept", accepted),
            ("P-Asserted-Identity", $"<{us}>"));
        return new()
        {
            Method = "SUBSCRIBE",
            Uri = dialog.RemoteTarget,
            From = $"<{us}>",
            FromTag = dialog.LocalTag,
            To = $"<{notifier}>",
            ToTag = dialog.RemoteTag,
            CallId = dialog.CallId,
            CSeq = dialog.LocalCSeq,
            Headers = new([.. dialog.RouteSet.Select(route => new SipHeader("Route", route)), .. headers]),
        };
    }

    /// <summary>True for the answer to the SUBSCRIBE that is under way.</summary>
    public static bool IsAwaited(WatchDialog? current, ResponseArrived arrived) =>
        current is { AnswerBy: not null } dialog
        && arrived.Response.Status.IsFinal
        && arrived.Key.CSeq == dialog.LocalCSeq
        && arrived.Key.Variant == dialog.LocalTag;

    /// <summary>What the notifier answers; null when the subscription was to end and has.</summary>
    public static SubscriberState? OnResponse(SubscriberState state, SipResponse response, Facts facts)
    {
        var dialog = state.Dialog! with { AnswerBy = null };
        if (dialog.IsEnding)
            return Forget(state);

        if (response.Status.IsSuccess)
            return Accepted(state, dialog, response, facts);

        return response.Status.Code switch
        {
            // The dialog is gone, on that side or on the way: a new one at once, but not again and again.
            404 or 408 or 481 or 482 or 483 or 484 or 485 or 489 or 501 or 604 when dialog.IsActive =>
                Lost(state, state.Failures == 0 ? TimeSpan.Zero : Backoff(state), facts),
            423 when MinExpires(response) is { } least && least > state.MinDuration.GetValueOrDefault() =>
                Again(state, dialog, facts) with { MinDuration = least },
            // Not this server, not this package, not us: only asking otherwise is left.
            400 or 403 or 404 or 405 or 406 or 415 or 420 or 489 or 501 or 603 or 604 => Lost(state, _refused, facts),
            _ => RetryAfter(response) is { } pause ? Lost(state, pause, facts) : Failed(state, dialog, facts),
        };
    }

    /// <summary>Nobody answered, not even the link.</summary>
    public static SubscriberState? OnTimeout(SubscriberState state, Facts facts) =>
        state.Dialog!.IsEnding ? Forget(state) : Failed(state, state.Dialog with { AnswerBy = null }, facts);

    // A SUBSCRIBE under way went with it; nobody will tell what came of it.
    public static SubscriberState? OnLinkRestarted(SubscriberState state, Facts facts) => state.Dialog switch
    {
        { AnswerBy: not null, IsEnding: true } => Forget(state),
        { AnswerBy: not null, IsActive: true } dialog =>
            state with { Dialog = dialog with { AnswerBy = null, RefreshAt = facts.Now } },
        { AnswerBy: not null } => state with { Dialog = null, RetryAt = facts.Now },
        _ => state,
    };

    /// <summary>The dialog with a NOTIFY in it; null: it is none of this dialog, or out of order.</summary>
    public static WatchDialog? Heard(WatchDialog? current, NotifyRequest request, string package, out Respond refusal)
    {
        refusal = null!;
        if (current is not { } dialog
            || request.CallId != dialog.CallId
            || request.To.Tag != dialog.LocalTag
            || request.From.Tag is not { Length: > 0 } remoteTag
            || (dialog.RemoteTag.Length > 0 && remoteTag != dialog.RemoteTag)
            || request.Event != package)
        {
            refusal = new(request.Transaction, SipStatus.NoSuchDialog, "Subscription does not exist");
            return null;
        }

        if (request.CSeq <= dialog.RemoteCSeq)
        {
            refusal = new(
                request.Transaction, SipStatus.ServerInternalError, "CSeq is lower than that of an earlier request");
            return null;
        }

        // It may be there before the 200 and makes the dialog too, RFC 6665 4.4.1.
        return dialog with
        {
            RemoteTag = remoteTag,
            RemoteCSeq = request.CSeq,
            RemoteTarget = request.Contact?.Uri ?? dialog.RemoteTarget,
            RouteSet = dialog.RemoteTag.Length == 0 ? request.RouteSet : dialog.RouteSet,
        };
    }

    /// <summary>What a NOTIFY says of the subscription itself; null when it was to end and has.</summary>
    public static SubscriberState? Told(SubscriberState state, NotifyRequest request, Facts facts)
    {
        if (request.State != "terminated")
        {
            return request.Expires is { } seconds && state.Dialog is { IsEnding: false } dialog
                ? state with { Dialog = Left(dialog, TimeSpan.FromSeconds(seconds), facts) }
                : state;
        }

        // RFC 6665 4.1.3, by the reason. The answer to a SUBSCRIBE that is under way finds no dialog any more.
        if (state.Dialog!.IsEnding)
            return Forget(state);

        var pause = request.Reason switch
        {
            "deactivated" or "timeout" => state.Failures == 0 ? TimeSpan.Zero : Backoff(state),
            "rejected" or "noresource" or "invariant" => _refused,
            _ => request.RetryAfter is { } seconds
                ? TimeSpan.FromSeconds(Math.Min(seconds, 3600))
                : Backoff(state),
        };
        return Lost(state, pause, facts);
    }

    /// <summary>Refreshed when three quarters have passed, and never without a pause.</summary>
    private static WatchDialog Granted(WatchDialog dialog, TimeSpan granted, Facts facts)
    {
        var duration = granted < _shortest ? _shortest : granted;
        return dialog with { ExpiresAt = facts.Now + duration, RefreshAt = facts.Now + duration * 0.75 };
    }

    // RFC 6665 4.1.3: a NOTIFY may say that it ends sooner; however often it is said, the refresh is not put off.
    private static WatchDialog Left(WatchDialog dialog, TimeSpan left, Facts facts)
    {
        var told = Granted(dialog, left, facts);
        return told.RefreshAt < dialog.RefreshAt || dialog.RefreshAt is null
            ? told
            : told with { RefreshAt = dialog.RefreshAt };
    }

    // The subscription is over; the next one after that time.
    private static SubscriberState Lost(SubscriberState state, TimeSpan pause, Facts facts) => state with
    {
        Dialog = null,
        RetryAt = facts.Now + pause,
        Failures = Math.Min(state.Failures + 1, 30),
    };

    // What is wanted by now begins anew.
    private static SubscriberState? Forget(SubscriberState state) =>
        state.IsWanted ? state with { Dialog = null, RetryAt = null } : null;

    private static TimeSpan Backoff(SubscriberState state)
    {
        var pause = _first * Math.Pow(2, Math.Min(state.Failures, 10));
        return pause < _longest ? pause : _longest;
    }

    private static SubscriberState Accepted(
        SubscriberState state, WatchDialog dialog, SipResponse response, Facts facts)
    {
        var isNew = dialog.RemoteTag.Length == 0 || !dialog.IsActive;
        if (isNew && (response.ToTag is not { Length: > 0 } || response.Target is null || response.RouteSet.IsDefault))
            return Lost(state, _refused, facts);

        var granted = Seconds(response, "Expires") ?? state.MinDuration ?? TimeSpan.FromHours(1);
        var established = dialog with
        {
            RemoteTag = isNew ? response.ToTag! : dialog.RemoteTag,
            RouteSet = isNew ? response.RouteSet : dialog.RouteSet,
            RemoteTarget = response.Target ?? dialog.RemoteTarget,
        };
        return state with { Dialog = Granted(established, granted, facts), Failures = 0, RetryAt = null };
    }

    // Within a dialog that still stands the rest of it is left to ask again in.
    private static SubscriberState Failed(SubscriberState state, WatchDialog dialog, Facts facts)
    {
        var pause = Backoff(state);
        return dialog.IsActive && facts.Now + pause < dialog.ExpiresAt
            ? state with
            {
                Dialog = dialog with { RefreshAt = facts.Now + pause },
                Failures = Math.Min(state.Failures + 1, 30),
            }
            : Lost(state, pause, facts);
    }

    private static SubscriberState Again(SubscriberState state, WatchDialog dialog, Facts facts) => dialog.IsActive
        ? state with { Dialog = dialog with { RefreshAt = facts.Now } }
        : state with { Dialog = null, RetryAt = facts.Now };

    private static TimeSpan? MinExpires(SipResponse response) => Seconds(response, "Min-Expires");

    private static TimeSpan? RetryAfter(SipResponse response) =>
        Seconds(response, "Retry-After") is { } pause && pause > _longest ? _longest : Seconds(response, "Retry-After");

    private static TimeSpan? Seconds(SipResponse response, string name) =>
        DeltaSeconds.Read(response.Headers.First(name)) is not { } asked ? null
        : asked < _mostGranted ? asked
        : _mostGranted;
}
