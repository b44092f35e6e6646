namespace ImSidecar.Server.Hosting;

/// <summary>Wakes each mailbox at the time it asked for last; one timer for all of them.</summary>
internal sealed class TimerWheel : IDisposable
{
    private static readonly TimeSpan longest = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly PriorityQueue<(Mailbox Mailbox, DateTimeOffset At), DateTimeOffset> queue = new();
    private readonly TimeProvider time;
    private readonly ITimer timer;

    public TimerWheel(TimeProvider time)
    {
        this.time = time;
        timer = time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Schedule(Mailbox mailbox, DateTimeOffset at)
    {
        lock (gate)
        {
            // Already asked for this time or an earlier one: then it asks again by itself.
            if (mailbox.WakesAt is { } earlier && earlier <= at)
                return;

            mailbox.WakesAt = at;
            queue.Enqueue((mailbox, at), at);
            Arm();
        }
    }

    public void Dispose() => timer.Dispose();

    private void Fire()
    {
        List<Mailbox> due = [];
        lock (gate)
        {
            var now = time.GetUtcNow();
            while (queue.TryPeek(out var entry, out var at) && at <= now)
            {
                queue.Dequeue();

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
        if (!queue.TryPeek(out _, out var next))
            return;

        var wait = next - time.GetUtcNow();
        timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > longest ? longest : wait, Timeout.InfiniteTimeSpan);
    }
}
