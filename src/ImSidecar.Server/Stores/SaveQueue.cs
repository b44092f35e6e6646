using System.Threading.Channels;

namespace ImSidecar.Server.Stores;

/// <summary>
/// The saves that wait for the writer, two bounded queues. Those of what exists go before those that make
/// something new, which keep a share of each batch.
/// </summary>
internal sealed class SaveQueue(int capacity) : IDisposable
{
    public const int MaxBatch = 256;
    private const int ShareOfNew = 32;

    private readonly Channel<StoreWrite> _existing = Bounded(capacity);
    private readonly Channel<StoreWrite> _new = Bounded(capacity);
    // Without a spin: its thread has a core to share.
    private readonly ManualResetEventSlim _news = new(initialState: false, spinCount: 0);

    public int Count => _existing.Reader.Count + _new.Reader.Count;

    /// <summary>Waits while the queue is full; throws ChannelClosedException once it is closed.</summary>
    public async ValueTask AddAsync(StoreWrite save, CancellationToken cancellation)
    {
        var queue = save.IsOfExisting ? _existing : _new;
        await queue.Writer.WriteAsync(save, cancellation);
        _news.Set();
    }

    /// <summary>Blocks until something waits and fills the batch with it; false when closed and empty.</summary>
    public bool Take(List<StoreWrite> batch)
    {
        while (true)
        {
            _news.Reset();
            if (TryTake(batch))
                return true;

            if (_existing.Reader.Completion.IsCompleted && _new.Reader.Completion.IsCompleted)
                return false;

            _news.Wait();
        }
    }

    /// <summary>Fills the batch with what waits; false when nothing does.</summary>
    public bool TryTake(List<StoreWrite> batch)
    {
        batch.Clear();
        Fill(batch, _existing, MaxBatch - ShareOfNew);
        Fill(batch, _new, MaxBatch);
        Fill(batch, _existing, MaxBatch);
        return batch.Count > 0;
    }

    /// <summary>Takes no more.</summary>
    public void Close()
    {
        _existing.Writer.TryComplete();
        _new.Writer.TryComplete();
        _news.Set();
    }

    public void Dispose() => _news.Dispose();

    private static void Fill(List<StoreWrite> batch, Channel<StoreWrite> queue, int upTo)
    {
        while (batch.Count < upTo && queue.Reader.TryRead(out var save))
            batch.Add(save);
    }

    private static Channel<StoreWrite> Bounded(int capacity) =>
        Channel.CreateBounded<StoreWrite>(new BoundedChannelOptions(capacity) { SingleReader = true });
}
