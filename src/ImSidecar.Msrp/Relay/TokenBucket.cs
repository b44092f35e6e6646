namespace ImSidecar.Msrp.Relay;

/// <summary>Bytes a session may carry, a second's worth at once; who takes more waits for as long.</summary>
internal sealed class TokenBucket(long bytesPerSecond, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private double _tokens = bytesPerSecond;
    private long _filledAt = clock.GetTimestamp();

    /// <summary>Takes what was carried; how long to carry nothing more.</summary>
    public TimeSpan Take(long bytes)
    {
        lock (_gate)
        {
            var elapsed = clock.GetElapsedTime(_filledAt);
            _filledAt = clock.GetTimestamp();
            _tokens = Math.Min(bytesPerSecond, _tokens + elapsed.TotalSeconds * bytesPerSecond) - bytes;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / bytesPerSecond);
        }
    }
}
