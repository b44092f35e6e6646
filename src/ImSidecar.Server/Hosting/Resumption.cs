using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// What a stored aggregate hears when its mailbox loads it for the first time, whoever woke it up; and what has to wait
/// while not all are loaded, for it names none by its id.
/// </summary>
internal sealed class Resumption(TransactionTable transactions)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Action>> _held = new(StringComparer.Ordinal);
    private List<Mailbox> _patient = [];
    private int _underway;
    private TaskCompletionSource? _complete;
    private bool _isCaughtUp;
    private bool _hasStarted;

    /// <summary>Aggregates of this node are in the store that nobody has loaded yet.</summary>
    public bool IsUnderway => Volatile.Read(ref _underway) > 0;

    /// <summary>Not all that was stored when the node started is loaded.</summary>
    public bool IsStart => !Volatile.Read(ref _hasStarted);

    /// <summary>Ends when there are none; at once when there are none now.</summary>
    public Task Complete
    {
        get
        {
            lock (_gate)
                return _complete?.Task ?? Task.CompletedTask;
        }
    }

    /// <summary>From now on until the end of what is returned there may be such.</summary>
    public IDisposable Begin()
    {
        lock (_gate)
        {
            _underway++;
            _complete ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return new Round(this);
    }

    /// <summary>
    /// Holds back what concerns an aggregate that may not be loaded yet; false when nothing may come any more, or the
    /// transaction is known by now. It is done later, in order with all of the same key.
    /// </summary>
    public bool TryHold(string key, Action later)
    {
        if (!IsUnderway)
            return false;

        lock (_gate)
        {
            if (!_held.TryGetValue(key, out var held))
            {
                if (_underway == 0 || transactions.Find(key) is not null)
                    return false;

                _held[key] = held = [];
            }

            held.Add(later);
            return true;
        }
    }

    /// <summary>The mailbox has found something stored: what was held back for it comes behind what it works off now.</summary>
    public void OnLoaded(Mailbox mailbox, StoredAggregate stored)
    {
        transactions.Resume(stored);
        lock (_gate)
        {
            _patient.Add(mailbox);
            Release(mailbox.Id.Value);
            foreach (var transaction in TransactionTable.NamesOf(stored))
                Release(transaction);
        }
    }

    /// <summary>The link has repeated what this node missed: what is late then is late.</summary>
    public void OnCaughtUp()
    {
        lock (_gate)
            _isCaughtUp = true;
        EndPatience();
    }

    private void End()
    {
        lock (_gate)
        {
            if (--_underway > 0)
                return;

            foreach (var key in _held.Keys.ToList())
                Release(key);
            Volatile.Write(ref _hasStarted, true);
            _complete?.SetResult();
            _complete = null;
        }

        EndPatience();
    }

    // Within the gate: what comes next of the same key comes behind.
    private void Release(string key)
    {
        if (!_held.Remove(key, out var held))
            return;

        foreach (var later in held)
            later();
    }

    // Not before what the link repeated has reached everybody whom it concerns.
    private void EndPatience()
    {
        List<Mailbox> patient;
        lock (_gate)
        {
            if (_underway > 0 || !_isCaughtUp)
                return;

            patient = _patient;
            _patient = [];
        }

        foreach (var mailbox in patient)
            mailbox.TryPost(new CaughtUp());
    }

    private sealed class Round(Resumption resumption) : IDisposable
    {
        private bool _isOver;

        public void Dispose()
        {
            if (!Interlocked.Exchange(ref _isOver, true))
                resumption.End();
        }
    }
}
