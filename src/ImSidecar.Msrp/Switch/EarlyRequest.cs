using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>
/// The request of a peer who is back before the leg it names is opened again: it waits, and its connection with it, as long
/// as legs are still to come. Only the reader of the connection touches it.
/// </summary>
internal sealed class EarlyRequest(SwitchTable table, TimeProvider clock)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(50);

    private MsrpHead? _head;
    private long? _since;

    public bool IsThere => _head is not null;

    /// <summary>False: there is no such leg, and none is to come.</summary>
    public bool TryKeep(MsrpHead head)
    {
        if (head.ToPath is not [{ SessionId: { } sessionId }] || table.AllAreOpen().IsCompleted || IsLate
            || table.Find(sessionId) is not null)
            return false;

        _head = head;
        _since ??= clock.GetTimestamp();
        return true;
    }

    /// <summary>What has waited is worked off now; it may have to wait again.</summary>
    public MsrpHead? Take()
    {
        var head = _head;
        _head = null;
        return head;
    }

    /// <summary>Ends when its leg is there, or nothing is to be waited for any more.</summary>
    public async Task WaitAsync(Task woken)
    {
        if (_head?.ToPath is not [{ SessionId: { } sessionId }])
            return;

        var all = table.AllAreOpen();
        while (!all.IsCompleted && !woken.IsCompleted && !IsLate && table.Find(sessionId) is null)
            await Task.WhenAny(all, woken, Task.Delay(_glance, clock)).ConfigureAwait(false);
    }

    private bool IsLate => _since is { } since && clock.GetElapsedTime(since) >= _patience;
}
