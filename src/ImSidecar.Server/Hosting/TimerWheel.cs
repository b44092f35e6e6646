namespace ImSidecar.Server.Hosting;

/// <summary>Wakes each mailbox at the time it asked for last; one timer for all of them.</summary>
internal sealed class TimerWheel : IDisposable
{
    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly SortedSet<Entry> _entries = [];
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _lastNumber;
    private DateTimeOffset? _armedFor;

    public TimerWheel(TimeProvider time)
    {
        _time = time;
        _timer = _time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    public void Schedule(Mailbox mailbox, DateTimeOffset at)
    {
        lock (_gate)
        {
            // Already asked for this time or an earlier one: then it asks again by itself.
            if (mailbox.Alarm is { } earlier && earlier.At <= at)
                return;

            // One entry for each: an overtaken one would keep its mailbox alive until its time has come.
            Remove(mailbox);
            mailbox.Alarm = new(at, ++_lastNumber, mailbox);
            _entries.Add(mailbox.Alarm);
            Arm();
        }
    }

    /// <summary>The mailbox has closed and wants to be woken no more.</summary>
    public void Forget(Mailbox mailbox)
    {
        lock (_gate)
            Remove(mailbox);
    }

    public void Dispose() => _timer.Dispose();

    private void Fire()
    {
        List<Mailbox> due = [];
        lock (_gate)
        {
            _armedFor = null;
            var now = _time.GetUtcNow();
            while (_entries.Min is { } next && next.At <= now)
            {
                Remove(next.Mailbox);
                due.Add(next.Mailbox);
            }

            Arm();
        }

        foreach (var mailbox in due)
            mailbox.TryPost(new Wake(Stopping: false));
    }

    private void Arm()
    {
        // Setting a timer costs more than all the rest: only for another time than the one it is set for.
        if (_entries.Min is not { } next || next.At == _armedFor)
            return;

        _armedFor = next.At;
        var wait = next.At - _time.GetUtcNow();
        _timer.Change(
            wait < TimeSpan.Zero ? TimeSpan.Zero : wait > _longest ? _longest : wait, Timeout.InfiniteTimeSpan);
    }

    private void Remove(Mailbox mailbox)
    {
        if (mailbox.Alarm is { } alarm)
            _entries.Remove(alarm);
        mailbox.Alarm = null;
    }

    /// <summary>When a mailbox is woken; the number tells apart what is due at the same moment.</summary>
    internal sealed record Entry(DateTimeOffset At, long Number, Mailbox Mailbox) : IComparable<Entry>
    {
        public int CompareTo(Entry? other) => (At, Number).CompareTo((other!.At, other.Number));
    }
}
