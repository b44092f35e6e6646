namespace ImSidecar.Msrp.Switch;

/// <summary>How many messages one recipient has missed in the last minute. Only who supervises the switch touches it.</summary>
internal sealed class MissedMessages(TimeProvider clock)
{
    private static readonly TimeSpan _window = TimeSpan.FromMinutes(1);

    private int _count;
    private long _since;

    /// <summary>How many there are now; those of who is not connected do not count.</summary>
    public int Add(int missed, bool isThere)
    {
        if (!isThere || _count > 0 && clock.GetElapsedTime(_since) >= _window)
            Clear();

        if (missed == 0 || !isThere)
            return _count;

        if (_count == 0)
            _since = clock.GetTimestamp();

        return _count += missed;
    }

    public void Clear() => _count = 0;
}
