namespace ImSidecar.Msrp.Switch;

/// <summary>What all legs that end here may hold of messages together, partial and waiting ones.</summary>
internal sealed class HeldBytes(long limit)
{
    private long _held;

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= limit)
            return true;

        Interlocked.Add(ref _held, -bytes);
        return false;
    }

    public void Give(long bytes) => Interlocked.Add(ref _held, -bytes);

    public long Taken => Interlocked.Read(ref _held);
}
