using System.Diagnostics;
using System.Threading.Channels;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Telemetry;

namespace ImSidecar.Server.Stores;

/// <summary>
/// The one writer of a store: takes every save that waits, has them written in one transaction and answers each caller
/// after the commit. A full queue holds callers back. When the store fails it alone tries again.
/// </summary>
internal sealed class GroupCommit : IAsyncDisposable
{
    public const int DefaultCapacity = 1024;

    private readonly CancellationTokenSource _closing = new();
    private readonly SaveQueue _queue;
    private readonly IStoreWriter _store;
    private readonly StoreHealth _health;
    private readonly Task _writer;

    public GroupCommit(IStoreWriter store, StoreHealth health, int capacity = DefaultCapacity)
    {
        _store = store;
        _health = health;
        _queue = new(capacity);
        // A thread of its own: SQLite blocks in fsync, and that must not take a thread from the pool.
        _writer = Task.Factory.StartNew(
            Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Pause between two tries to write while the store fails.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    public int Waiting => _queue.Count;

    /// <summary>
    /// Cancellation ends the wait for a place in the queue; a queued save is written and answered. Throws at once while
    /// the store fails.
    /// </summary>
    public async ValueTask<bool> SaveAsync(StoreWrite save, CancellationToken cancellation)
    {
        if (_health.IsFailing)
            throw NotBegun();

        try
        {
            await _queue.AddAsync(save, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new StoreUnavailableException("The store is closed");
        }

        return await save.Outcome;
    }

    /// <summary>Takes no more saves, writes those that wait and returns when the last caller has its answer.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _closing.CancelAsync();
        await _writer;
        _queue.Dispose();
        _closing.Dispose();
    }

    private void Run()
    {
        var batch = new List<StoreWrite>(SaveQueue.MaxBatch);
        // A store elsewhere may be away when we start.
        if (_health.IsFailing)
            Recover(batch);
        while (_queue.Take(batch))
        {
            Commit(batch);
            if (_health.IsFailing)
                Recover(batch);
            else
                _store.Tidy(hasTime: _queue.Count == 0);
        }
    }

    private void Commit(List<StoreWrite> batch)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            _store.Write(batch);
        }
        catch (Exception error) when (
            batch.Count == 1 || error is StoreUnavailableException { LacksRoom: false } or StaleEpochException)
        {
            if (error is StoreUnavailableException)
                _health.Fails(error);
            Instruments.NotCommitted(_health.Label, batch.Count);
            foreach (var save in batch)
                save.Fail(error);
            return;
        }
        catch (Exception)
        {
            // One of them is to blame, and only that one fails.
            foreach (var save in batch)
                Commit([save]);
            return;
        }

        Instruments.Committed(_health.Label, batch.Count, Stopwatch.GetElapsedTime(began));
        foreach (var save in batch)
            save.Complete();
    }

    // One probe tests the disk for all; what was on its way into the queue is sent back.
    private void Recover(List<StoreWrite> batch)
    {
        do
        {
            while (_queue.TryTake(batch))
            {
                Instruments.NotCommitted(_health.Label, batch.Count);
                foreach (var save in batch)
                    save.Fail(NotBegun());
            }
        }
        while (!_closing.Token.WaitHandle.WaitOne(ProbeInterval) && !TryProbe());
    }

    private bool TryProbe()
    {
        try
        {
            _store.Probe();
        }
        catch (Exception error)
        {
            // Whatever it is: nobody else writes, so this thread has to go on.
            _health.StillFails(error);
            return false;
        }

        _health.IsWell();
        return true;
    }

    private static StoreUnavailableException NotBegun() =>
        new("The store cannot be written") { NothingWritten = true };
}

/// <summary>What writes the saves; used by one thread.</summary>
internal interface IStoreWriter
{
    /// <summary>
    /// Commits all of the saves or throws having committed none: <see cref="StoreUnavailableException"/> when the
    /// store is to blame and not a save.
    /// </summary>
    void Write(IReadOnlyList<StoreWrite> batch);

    /// <summary>
    /// Between two writes: what must be done now and then, rather when nobody waits. Never throws, for all that is
    /// saved stays saved.
    /// </summary>
    void Tidy(bool hasTime);

    /// <summary>Writes and removes something as large as a batch; throws what <see cref="Write"/> would.</summary>
    void Probe();
}
