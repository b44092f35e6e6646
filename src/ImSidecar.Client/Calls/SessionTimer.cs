using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transactions;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Calls;

/// <summary>Refreshes a session at half its interval, or ends it when the peer does not, RFC 4028 10.</summary>
internal sealed class SessionTimer(Call call, TransactionLayer layer)
{
    // At half the interval, and when that failed a few times more before it ends.
    private const int Attempts = 4;

    private bool _keeps;
    private int _generation;

    /// <summary>Grants the interval asked for, RFC 4028 9.</summary>
    public static void Answer(SipMessage request, SipMessage answer)
    {
        if (!SessionExpires.TryParse(request["Session-Expires"], out var asked))
            return;

        var supported = request.Lists("Supported", "timer");
        var refresher = supported ? asked.Refresher ?? Refresher.Uac : Refresher.Uas;
        answer.Add("Session-Expires", (asked with { Refresher = refresher }).ToString());
        if (refresher == Refresher.Uac)
            answer.Add("Require", "timer");
    }

    public void Watch(SipMessage answer, bool isOurRequest, bool keeps)
    {
        _keeps = keeps;
        Restart(answer, isOurRequest);
    }

    /// <summary>Counts anew from an answer to INVITE or UPDATE.</summary>
    public void Restart(SipMessage answer, bool isOurRequest)
    {
        var generation = Interlocked.Increment(ref _generation);
        if (!_keeps || !SessionExpires.TryParse(answer["Session-Expires"], out var granted))
            return;

        var isOurs = granted.Refresher == (isOurRequest ? Refresher.Uac : Refresher.Uas);
        _ = isOurs ? RefreshAsync(granted.Seconds, generation) : SuperviseAsync(granted.Seconds, generation);
    }

    private async Task RefreshAsync(int seconds, int generation)
    {
        var pause = TimeSpan.FromSeconds(seconds / 2.0);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            await layer.DelayAsync(pause);
            if (!IsCurrent(generation) || await call.ReinviteAsync() is { Status: 408 or 481 })
                return;

            pause = TimeSpan.FromSeconds(seconds / 2.0 / Attempts);
        }
    }

    private async Task SuperviseAsync(int seconds, int generation)
    {
        await layer.DelayAsync(TimeSpan.FromSeconds(seconds - Math.Min(32, seconds / 3)));
        if (IsCurrent(generation))
            await call.EndAsync(CallEndedBy.SessionTimer);
    }

    private bool IsCurrent(int generation) =>
        generation == Volatile.Read(ref _generation) && !call.Ended.IsCompleted && !layer.IsClosed;
}
