namespace ImSidecar.Server.Gateway;

/// <summary>
/// Which events of one boot of a link are saved. They are saved in any order; confirmed is the highest number below
/// which none is missing. Events that come again on a new stream are recognised.
/// </summary>
internal sealed class EventLedger
{
    private readonly Lock gate = new();
    private readonly SortedSet<ulong> open = [];
    private readonly HashSet<ulong> savedAhead = [];
    private ulong seen;

    /// <summary>Highest number up to which everything is saved.</summary>
    public ulong Confirmed { get; private set; }

    /// <summary>False if the event is already being worked on or saved.</summary>
    public bool TryBegin(ulong sequence)
    {
        lock (gate)
        {
            if (sequence <= Confirmed || savedAhead.Contains(sequence) || !open.Add(sequence))
                return false;

            seen = Math.Max(seen, sequence);
            return true;
        }
    }

    /// <summary>Counts the event as saved.</summary>
    public void Saved(ulong sequence)
    {
        lock (gate)
        {
            if (!open.Remove(sequence))
                return;

            savedAhead.Add(sequence);
            var upTo = open.Count == 0 ? seen : open.Min - 1;
            if (upTo <= Confirmed)
                return;

            Confirmed = upTo;
            savedAhead.RemoveWhere(number => number <= upTo);
        }
    }
}
