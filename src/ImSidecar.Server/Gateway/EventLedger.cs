namespace ImSidecar.Server.Gateway;

/// <summary>
/// Which events of one boot of a link are saved. They come in order and are saved in any; confirmed is the highest
/// number below which none is missing. Events that come again on a new stream are recognised.
/// </summary>
internal sealed class EventLedger
{
    private readonly Lock _gate = new();
    private readonly Queue<ulong> _begun = new();
    private readonly Dictionary<ulong, bool> _isSaved = [];
    private ulong _confirmed;

    /// <summary>Highest number up to which everything is saved.</summary>
    public ulong Confirmed => Volatile.Read(ref _confirmed);

    /// <summary>Those that came and cannot be confirmed yet.</summary>
    public int InWork
    {
        get
        {
            lock (_gate)
                return _begun.Count;
        }
    }

    /// <summary>False if the event is already being worked on or saved.</summary>
    public bool TryBegin(ulong sequence)
    {
        lock (_gate)
        {
            if (sequence <= _confirmed || !_isSaved.TryAdd(sequence, false))
                return false;

            _begun.Enqueue(sequence);
            return true;
        }
    }

    /// <summary>Counts the event as saved; true if more is confirmed now.</summary>
    public bool Saved(ulong sequence)
    {
        lock (_gate)
        {
            if (!_isSaved.ContainsKey(sequence))
                return false;

            _isSaved[sequence] = true;
            var before = _confirmed;
            while (_begun.TryPeek(out var first) && _isSaved[first])
            {
                _isSaved.Remove(_begun.Dequeue());
                Volatile.Write(ref _confirmed, first);
            }

            return _confirmed > before;
        }
    }
}
