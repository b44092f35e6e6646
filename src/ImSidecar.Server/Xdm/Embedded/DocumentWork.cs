namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>
/// Reading and validating a large document takes a good part of a second: as much of it at a time as leaves half of the
/// cores to SIP; the rest waits its turn.
/// </summary>
internal sealed class DocumentWork(int atOnce, TimeSpan patience) : IDisposable
{
    private readonly SemaphoreSlim _room = new(atOnce);

    public DocumentWork()
        : this(Math.Max(1, Environment.ProcessorCount / 2), TimeSpan.FromSeconds(10))
    {
    }

    /// <exception cref="TimeoutException">There was no room for too long.</exception>
    public async ValueTask<T> ComputeAsync<T>(Func<T> compute, CancellationToken cancellation)
    {
        if (!await _room.WaitAsync(patience, cancellation))
            throw new TimeoutException("Others are still at work");

        try
        {
            return compute();
        }
        finally
        {
            _room.Release();
        }
    }

    public void Dispose() => _room.Dispose();
}
