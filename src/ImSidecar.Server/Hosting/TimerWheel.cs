namespace ImSidecar.Server.Hosting;

/// <summary>Wakes each mailbox at the time it asked for last; one timer for all of them.</summary>
internal sealed class TimerWheel : IDisposable
{
    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly PriorityQueue<(Mailbox Mailbox, DateTimeOffset At), DateTimeOffset> _queue = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public TimerWheel(TimeProvider time)
    {
        _time = time;
        _timer = _time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Schedule(Mailbox mailbox, DateTimeOffset at)
    {
        lock (_gate)
        {
            // Already asked for this time or an earlier one: then it asks again by itself.
            if (mailbox.WakesAt is { } earlier && earlier <= at)
                return;

            mailbox.WakesAt = at;
            _queue.Enqueue((mailbox, at), at);
            Arm();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Fire()
    {
        List<Mailbox> due = [];
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            while (_queue.TryPeek(out var entry, out var at) && at <= now)
            {
                _queue.Dequeue();

                // An entry that a later, earlier wish has overtaken says nothing.
                if (entry.Mailbox.WakesAt != entry.At)
                    continue;

                entry.Mailbox.WakesAt = null;
                due.Add(entry.Mailbox);
            }

            Arm();
        }

        foreach (var mailbox in due)
            mailbox.TryPost(new Wake(Stopping: false));
    }

    private void Arm()
    {
        if (!_queue.TryPeek(out _, out var next))
            return;

        var wait = next - _time.GetUtcNow();
        _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > _longest ? _longest : wait, Timeout.InfiniteTimeSpan);
    }
}
