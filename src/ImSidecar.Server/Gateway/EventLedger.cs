namespace ImSidecar.Server.Gateway;

/// <summary>
/// Which events of one boot of a link are saved. They are saved in any order; confirmed is the highest number below
/// which none is missing. Events that come again on a new stream are recognised.
/// </summary>
internal sealed class EventLedger
{
    private readonly Lock _gate = new();
    private readonly SortedSet<ulong> _open = [];
    private readonly HashSet<ulong> _savedAhead = [];
    private ulong _seen;

    /// <summary>Highest number up to which everything is saved.</summary>
    public ulong Confirmed { get; private set; }

    /// <summary>False if the event is already being worked on or saved.</summary>
    public bool TryBegin(ulong sequence)
    {
        lock (_gate)
        {
            if (sequence <= Confirmed || _savedAhead.Contains(sequence) || !_open.Add(sequence))
                return false;

            _seen = Math.Max(_seen, sequence);
            return true;
        }
    }

    /// <summary>Counts the event as saved.</summary>
    public void Saved(ulong sequence)
    {
        lock (_gate)
        {
            if (!_open.Remove(sequence))
                return;

            _savedAhead.Add(sequence);
            var upTo = _open.Count == 0 ? _seen : _open.Min - 1;
            if (upTo <= Confirmed)
                return;

            Confirmed = upTo;
            _savedAhead.RemoveWhere(number => number <= upTo);
        }
    }
}
