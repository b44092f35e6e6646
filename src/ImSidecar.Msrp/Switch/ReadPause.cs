namespace ImSidecar.Msrp.Switch;

/// <summary>The time in which a connection is not read from; others may end it before what it waits for.</summary>
internal sealed class ReadPause(TimeProvider clock)
{
    private TaskCompletionSource? _woken;
    private volatile bool _isOn;
    private long _endedAt;

    public bool IsOn => _isOn;

    /// <summary>It is on, or was in this last time: what the peer wrote then may not have been read yet.</summary>
    public bool IsRecent(TimeSpan time) =>
        _isOn || Interlocked.Read(ref _endedAt) is not 0 and var at && clock.GetElapsedTime(at) < time;

    /// <summary>Begins; the task ends when somebody wakes.</summary>
    public Task Begin()
    {
        var woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _woken, woken);
        _isOn = true;
        return woken.Task;
    }

    public void End()
    {
        Interlocked.Exchange(ref _endedAt, clock.GetTimestamp());
        _isOn = false;
    }

    public void Wake() => Volatile.Read(ref _woken)?.TrySetResult();
}
