using System.Threading.Channels;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>The in-memory store with a disk that is slow, full or broken as a test says.</summary>
internal sealed class FaultyStore : IAggregateStore
{
    private readonly Channel<bool> _goOn = Channel.CreateUnbounded<bool>();
    private int _begun;

    public InMemoryConferenceStore Inner { get; } = new();

    public StoreHealth Health { get; } = Given.StoreHealth();

    /// <summary>Saves wait until they are let.</summary>
    public bool IsSlow { get; set; }

    /// <summary>Saves that came so far, refused ones too.</summary>
    public int Begun => Volatile.Read(ref _begun);

    /// <summary>Thrown by every save instead of writing.</summary>
    public Exception? Error { get; set; }

    /// <summary>Thrown by every load.</summary>
    public Exception? LoadError { get; set; }

    /// <summary>Lets that many saves go on.</summary>
    public void Release(int saves)
    {
        for (var i = 0; i < saves; i++)
            _goOn.Writer.TryWrite(true);
    }

    /// <summary>The disk is full, and the store has noticed.</summary>
    public void BeginFailing()
    {
        Error = new StoreUnavailableException("disk full") { NothingWritten = true };
        Health.Fails(Error);
    }

    public void EndFailing()
    {
        Error = null;
        Health.IsWell();
    }

    public ValueTask<StoredAggregate?> LoadAsync(AggregateId id, CancellationToken cancellation) =>
        LoadError is { } error ? throw error : Inner.LoadAsync(id, cancellation);

    public async ValueTask<bool> TrySaveAsync(
        AggregateId id, long expectedRevision, AggregateChanges changes, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _begun);
        if (IsSlow)
            await _goOn.Reader.ReadAsync(cancellation);
        return Error is { } error
            ? throw error
            : await Inner.TrySaveAsync(id, expectedRevision, changes, cancellation);
    }

    public IAsyncEnumerable<AggregateId> ActiveAsync(CancellationToken cancellation) =>
        Inner.ActiveAsync(cancellation);
}
