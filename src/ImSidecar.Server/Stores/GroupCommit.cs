using System.Threading.Channels;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Stores;

/// <summary>
/// One writer for all conferences: takes every save that waits, has them written in one transaction and answers each
/// caller after the commit. A full queue holds callers back.
/// </summary>
internal sealed class GroupCommit : IAsyncDisposable
{
    public const int MaxBatch = 256;
    public const int DefaultCapacity = 1024;

    private readonly Channel<ConferenceSave> _queue;
    private readonly Action<IReadOnlyList<ConferenceSave>> _write;
    private readonly Task _writer;

    /// <summary>Write commits all of the saves or throws having committed none.</summary>
    public GroupCommit(Action<IReadOnlyList<ConferenceSave>> write, int capacity = DefaultCapacity)
    {
        _write = write;
        _queue = Channel.CreateBounded<ConferenceSave>(new BoundedChannelOptions(capacity) { SingleReader = true });
        // A thread of its own: SQLite blocks in fsync, and that must not take a thread from the pool.
        _writer = Task.Factory.StartNew(
            Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Cancellation ends the wait for a place in the queue; a queued save is written and answered.</summary>
    public async ValueTask<bool> SaveAsync(
        ConferenceId id, long expectedRevision, StoredChanges changes, CancellationToken cancellation)
    {
        var save = new ConferenceSave(id, expectedRevision, changes);
        try
        {
            await _queue.Writer.WriteAsync(save, cancellation);
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
        _queue.Writer.TryComplete();
        await _writer;
    }

    private void Run()
    {
        var batch = new List<ConferenceSave>(MaxBatch);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var save))
                batch.Add(save);
            Commit(batch);
        }
    }

    private void Commit(List<ConferenceSave> batch)
    {
        try
        {
            _write(batch);
        }
        catch (Exception error) when (batch.Count == 1 || error is StoreUnavailableException)
        {
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

        foreach (var save in batch)
            save.Complete();
    }
}
