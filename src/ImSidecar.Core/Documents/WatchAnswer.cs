using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Documents;

/// <summary>What the notifier answers to our SUBSCRIBE; RFC 6665 4.1.2.</summary>
internal static class WatchAnswer
{
    private static readonly TimeSpan _first = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _refused = TimeSpan.FromHours(1);

    /// <summary>Null when the subscription was to end and has.</summary>
    public static DocumentWatch? OnResponse(DocumentWatch watch, SipResponse response, Facts facts)
    {
        var dialog = watch.Dialog! with { AnswerBy = null };
        if (dialog.IsEnding)
            return Forget(watch);

        if (response.Status.IsSuccess)
            return Accepted(watch, dialog, response, facts);

        return response.Status.Code switch
        {
            // The dialog is gone, on that side or on the way: a new one at once, but not again and again.
            404 or 408 or 481 or 482 or 483 or 484 or 485 or 489 or 501 or 604 when dialog.IsActive =>
                Lost(watch, watch.Failures == 0 ? TimeSpan.Zero : Backoff(watch), facts),
            423 when MinExpires(response) is { } least && least > watch.MinDuration.GetValueOrDefault() =>
                Again(watch, dialog, facts) with { MinDuration = least },
            // Not this server, not this package, not us: only revalidation is left.
            400 or 403 or 404 or 405 or 406 or 415 or 420 or 489 or 501 or 603 or 604 => Lost(watch, _refused, facts),
            _ => RetryAfter(response) is { } pause ? Lost(watch, pause, facts) : Failed(watch, dialog, facts),
        };
    }

    /// <summary>Nobody answered, not even the link.</summary>
    public static DocumentWatch? OnTimeout(DocumentWatch watch, Facts facts) =>
        watch.Dialog!.IsEnding ? Forget(watch) : Failed(watch, watch.Dialog with { AnswerBy = null }, facts);

    /// <summary>The subscription is over; the next one after that time.</summary>
    public static DocumentWatch Lost(DocumentWatch watch, TimeSpan pause, Facts facts) => watch with
    {
        Dialog = null,
        RetryAt = facts.Now + pause,
        Failures = Math.Min(watch.Failures + 1, 30),
    };

    // What is wanted by now begins anew.
    public static DocumentWatch? Forget(DocumentWatch watch) =>
        watch.Wanted.IsEmpty ? null : watch with { Dialog = null, RetryAt = null };

    public static TimeSpan Backoff(DocumentWatch watch)
    {
        var pause = _first * Math.Pow(2, Math.Min(watch.Failures, 10));
        return pause < _longest ? pause : _longest;
    }

    private static DocumentWatch Accepted(
        DocumentWatch watch, WatchDialog dialog, SipResponse response, Facts facts)
    {
        var isNew = dialog.RemoteTag.Length == 0 || !dialog.IsActive;
        if (isNew && (response.ToTag is not { Length: > 0 } || response.Target is null || response.RouteSet.IsDefault))
            return Lost(watch, _refused, facts);

        var granted = Seconds(response.Headers.First("Expires")) ?? watch.MinDuration ?? TimeSpan.FromHours(1);
        var established = dialog with
        {
            RemoteTag = isNew ? response.ToTag! : dialog.RemoteTag,
            RouteSet = isNew ? response.RouteSet : dialog.RouteSet,
            RemoteTarget = response.Target ?? dialog.RemoteTarget,
        };
        return watch with { Dialog = Granted(established, granted, facts), Failures = 0, RetryAt = null };
    }

    /// <summary>Refreshed when three quarters have passed, and never without a pause.</summary>
    public static WatchDialog Granted(WatchDialog dialog, TimeSpan granted, Facts facts)
    {
        var duration = granted < _shortest ? _shortest : granted;
        return dialog with { ExpiresAt = facts.Now + duration, RefreshAt = facts.Now + duration * 0.75 };
    }

    // Within a dialog that still stands the rest of it is left to ask again in.
    private static DocumentWatch Failed(DocumentWatch watch, WatchDialog dialog, Facts facts)
    {
        var pause = Backoff(watch);
        return dialog.IsActive && facts.Now + pause < dialog.ExpiresAt
            ? watch with
            {
                Dialog = dialog with { RefreshAt = facts.Now + pause },
                Failures = Math.Min(watch.Failures + 1, 30),
            }
            : Lost(watch, pause, facts);
    }

    private static DocumentWatch Again(DocumentWatch watch, WatchDialog dialog, Facts facts) => dialog.IsActive
        ? watch with { Dialog = dialog with { RefreshAt = facts.Now } }
        : watch with { Dialog = null, RetryAt = facts.Now };

    private static TimeSpan? MinExpires(SipResponse response) => Seconds(response.Headers.First("Min-Expires"));

    private static TimeSpan? RetryAfter(SipResponse response) =>
        Seconds(response.Headers.First("Retry-After")) is { } pause && pause > _longest ? _longest
        : Seconds(response.Headers.First("Retry-After"));

    private static TimeSpan? Seconds(string? text)
    {
        var digits = text is null ? 0
            : text.AsSpan().IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? text.Length : end;
        return digits > 0
            && int.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, 30 * 24 * 3600))
            : null;
    }
}
