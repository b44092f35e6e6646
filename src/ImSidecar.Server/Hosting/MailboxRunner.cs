namespace ImSidecar.Server.Hosting;

/// <summary>
/// Gives mailboxes their turns on the thread pool, few at a time: what else runs there, MSRP above all, never waits for
/// thousands of them. Conferences that exist go before new ones, which keep a share of the turns.
/// </summary>
internal sealed class MailboxRunner
{
    private const int TurnsOfNew = 8;
    private static readonly TimeSpan _company = TimeSpan.FromMilliseconds(50);
    private static readonly int _atOnce = Math.Max(4, 2 * Environment.ProcessorCount);

    private readonly Lock _gate = new();
    private readonly Queue<Mailbox> _existing = new();
    private readonly Queue<Mailbox> _new = new();
    private List<Mailbox> _later = [];
    private int _workers;
    private uint _turns;

    /// <summary>Those that wait for a turn.</summary>
    public int Queued
    {
        get
        {
            lock (_gate)
                return _existing.Count + _new.Count;
        }
    }

    /// <summary>The mailbox has only what may wait for company; it is told when that has taken long enough.</summary>
    public void AddLater(Mailbox mailbox)
    {
        lock (_gate)
        {
            _later.Add(mailbox);
            if (_later.Count > 1)
                return;
        }

        _ = TakeLaterAsync();
    }

    public void Add(Mailbox mailbox, bool isNew)
    {
        lock (_gate)
        {
            (isNew ? _new : _existing).Enqueue(mailbox);
            if (_workers == _atOnce)
                return;

            _workers++;
        }

        QueueTurn();
    }

    private async Task TakeLaterAsync()
    {
        await Task.Delay(_company);
        List<Mailbox> due;
        lock (_gate)
        {
            due = _later;
            _later = [];
        }

        foreach (var mailbox in due)
            mailbox.Hurry();
    }

    private void QueueTurn() =>
        ThreadPool.UnsafeQueueUserWorkItem(static runner => runner.TakeTurn(), this, preferLocal: false);

    // One mailbox up to where it waits for the store; then behind what else waits for the pool.
    private void TakeTurn()
    {
        Mailbox? next;
        lock (_gate)
        {
            var newFirst = ++_turns % TurnsOfNew == 0;
            if (!(newFirst ? _new : _existing).TryDequeue(out next)
                && !(newFirst ? _existing : _new).TryDequeue(out next))
            {
                _workers--;
                return;
            }
        }

        _ = next.RunAsync();
        QueueTurn();
    }
}
