using System.Globalization;
using System.Threading.Channels;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;
using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.Client.Subscriptions;

/// <summary>Follows a conference until told to stop, over subscriptions that end; IM 6.1.2.12.</summary>
public sealed class ConferenceWatch
{
    private const int MaxFailures = 8;
    private static readonly TimeSpan _betweenFull = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _lastWords = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _lasting = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<Notification> _notifications = Channel.CreateUnbounded<Notification>();
    private readonly Func<int, Subscription> _subscribe;
    private readonly TransactionLayer _layer;
    private readonly Task<WatchEnd> _running;
    private IReadOnlyList<ConferenceUser>? _roster;
    private int _seconds;
    private bool _wasTold;
    private DateTimeOffset _refreshAt;
    private DateTimeOffset _expiresAt;
    private DateTimeOffset _fullAt;
    private DateTimeOffset _lastFull;

    internal ConferenceWatch(Func<int, Subscription> subscribe, int seconds, TransactionLayer layer)
    {
        _subscribe = subscribe;
        _seconds = seconds;
        _layer = layer;
        _running = RunAsync();
    }

    /// <summary>What is told, over all subscriptions that follow each other.</summary>
    public ChannelReader<Notification> Notifications => _notifications.Reader;

    /// <summary>Nothing more is told.</summary>
    public Task<WatchEnd> Ended => _running;

    /// <summary>The subscription that holds now.</summary>
    public Subscription? Current { get; private set; }

    private DateTimeOffset Now => _layer.Clock.GetUtcNow();

    /// <summary>Ends the subscription, RFC 6665 4.1.2.3.</summary>
    public Task<WatchEnd> UnsubscribeAsync()
    {
        _stop.TrySetResult();
        return _running;
    }

    private async Task<WatchEnd> RunAsync()
    {
        WatchEnd? end = null;
        try
        {
            for (var failures = 0; end is null;)
            {
                var begun = Now;
                var (ended, wait) = await FollowAsync(_subscribe(_seconds));
                failures = Now - begun > _lasting ? 0 : failures + 1;
                end = ended;
                if (end is null && failures > MaxFailures)
                    end = new("no subscription lasts", null);
                if (end is null && await StopsWithinAsync(Longer(wait, Resubscription.Pause(failures - 1))))
                    end = WatchEnd.Unsubscribed;
            }
        }
        catch (OperationCanceledException)
        {
            // The handset is being closed.
            end = WatchEnd.Unsubscribed;
        }
        finally
        {
            _notifications.Writer.TryComplete();
        }

        return end;
    }

    // IM 6.1.2.12/resp
    private async Task<(WatchEnd? End, TimeSpan Wait)> FollowAsync(Subscription subscription)
    {
        Current = subscription;
        var answer = await subscription.Answered;
        if (!answer.IsSuccess)
            return Refused(answer) is { } again ? (null, again) : (new("refused", answer), default);

        Granted(answer);
        Notification? last = null;
        var firstBy = Now + _layer.Timers.Transaction;
        while (last is not { IsTerminated: true })
        {
            if (_stop.Task.IsCompleted)
                return (await UnsubscribeAsync(subscription), default);

            if (subscription.Notifications.TryRead(out var told))
                Take(last = told);
            else if (last is null && Now >= firstBy)
                return (null, TimeSpan.Zero);
            else if (Now >= Due)
            {
                if (await RefreshAsync(subscription) is { } wait)
                    return (null, wait);
            }
            else if (!await IsReadyAsync(subscription, last is null && firstBy < Due ? firstBy : Due))
                break;
        }

        return last is null ? (new("ended", null), default)
            : last.Outcome == ViewOutcome.Ended ? (new("the conference is over", null), default)
            : Resubscription.After(last) is { } pause ? (null, pause)
            : (new(last.Reason ?? "terminated", null), default);
    }

    // When a refresh is to be sent: in time, or soon because the roster is not whole.
    private DateTimeOffset Due => _fullAt < _refreshAt ? _fullAt : _refreshAt;

    private void Take(Notification told)
    {
        if (told.Expires is { } seconds && !told.IsTerminated)
            Expect(seconds);
        // A refresh brings the full state; a server whose documents are always bad is not asked all the time.
        if ((told.Outcome == ViewOutcome.Gap || told.IsUnreadable) && _fullAt == DateTimeOffset.MaxValue)
            _fullAt = _lastFull + _betweenFull;
        _wasTold = true;

        // What a new subscription tells first is no news to who was told by the one before.
        _notifications.Writer.TryWrite(told with { Former = told.Former ?? _roster });
        if (told.Outcome == ViewOutcome.Applied)
            _roster = told.Roster;
    }

    // Null: the subscription holds, or may; else how long to wait before there is another.
    private async Task<TimeSpan?> RefreshAsync(Subscription subscription)
    {
        if (Now >= _expiresAt)
            return TimeSpan.Zero;

        if (_fullAt <= Now)
            _lastFull = Now;
        var answer = await subscription.RefreshAsync(_seconds);
        _fullAt = DateTimeOffset.MaxValue;
        if (answer.IsSuccess)
        {
            Granted(answer);
            return null;
        }

        // RFC 6665 4.1.2.2: these end it, any other leaves it until it expires.
        if (answer.Status is 404 or 405 or 410 or 416 or (>= 480 and <= 485) or 489 or 501 or 604)
            return TimeSpan.Zero;

        if (Minimum(answer) is { } least)
            _seconds = least;

        var left = (_expiresAt - Now) / 2;
        _refreshAt = Now + (left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
        return null;
    }

    // How long to wait before asking again; null: the answer is final.
    private TimeSpan? Refused(SipMessage answer)
    {
        if (Minimum(answer) is { } least && least > _seconds)
        {
            _seconds = least;
            return TimeSpan.Zero;
        }

        // A server that is down for a moment has told us before.
        return _wasTold && answer.Status is 408 or 480 or (>= 500 and < 600)
            ? TimeSpan.FromSeconds(Math.Clamp(Number(answer["Retry-After"]) ?? 5, 1, 3600))
            : null;
    }

    private static int? Minimum(SipMessage answer) => answer.Status == 423 ? Number(answer["Min-Expires"]) : null;

    private static int? Number(string? text) =>
        int.TryParse(text?.Split(';', ' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : null;

    private void Granted(SipMessage answer)
    {
        _fullAt = DateTimeOffset.MaxValue;
        Expect(Number(answer["Expires"]) ?? _seconds);
    }

    private void Expect(int seconds)
    {
        _refreshAt = Now + Resubscription.RefreshAfter(seconds);
        _expiresAt = Now + TimeSpan.FromSeconds(seconds);
    }

    // IM 6.1.2.12/term
    private async Task<WatchEnd> UnsubscribeAsync(Subscription subscription)
    {
        try
        {
            // The last NOTIFY wants its answer of us.
            if (await subscription.UnsubscribeAsync() is { IsSuccess: true })
                await _layer.IsDoneWithinAsync(subscription.Terminated, _lastWords);
        }
        catch (InvalidOperationException)
        {
            // There was no dialog to end.
        }

        return WatchEnd.Unsubscribed;
    }

    private async Task<bool> IsReadyAsync(Subscription subscription, DateTimeOffset until)
    {
        var more = subscription.Notifications.WaitToReadAsync().AsTask();
        await _layer.IsDoneWithinAsync(Task.WhenAny(more, _stop.Task), Longer(until - Now, TimeSpan.Zero));
        return !more.IsCompleted || await more;
    }

    private async Task<bool> StopsWithinAsync(TimeSpan time) => await _layer.IsDoneWithinAsync(_stop.Task, time);

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
