using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>
/// Aggregates in PostgreSQL, which several nodes share: every save is durable when it is answered, and of one that
/// another node declared dead none is written.
/// </summary>
internal sealed class PostgresConferenceStore : IAggregateStore, IAsyncDisposable
{
    private readonly PostgresReader _reader;
    private readonly PostgresWriter _writer;
    private readonly GroupCommit _commit;
    private readonly Fence? _fence;
    private readonly Lazy<Task> _closed;

    public PostgresConferenceStore(PostgresDatabase database, StoreHealth health, Fence? fence = null)
    {
        _reader = new(database);
        _writer = new(database, fence);
        _fence = fence;
        _writer.Connect();
        _commit = new(_writer, health);
        _closed = new(CloseAsync);
    }

    public int SavesWaiting => _commit.Waiting;

    public async ValueTask<StoredAggregate?> LoadAsync(AggregateId id, CancellationToken cancellation)
    {
        var found = await _reader.LoadAsync([id], cancellation);
        return found is [var (_, aggregate)] ? aggregate.Value : null;
    }

    /// <summary>Many in one round trip: those of them that are there, each read when it is looked at.</summary>
    public ValueTask<IReadOnlyList<(AggregateId Id, Lazy<StoredAggregate> Aggregate)>> LoadAsync(
        IReadOnlyCollection<AggregateId> ids, CancellationToken cancellation) => _reader.LoadAsync(ids, cancellation);

    public async ValueTask<bool> TrySaveAsync(
        AggregateId id, long expectedRevision, AggregateChanges changes, CancellationToken cancellation)
    {
        var encoded = StoredChanges.Of(id, expectedRevision, changes);
        try
        {
            return await _commit.SaveAsync(
                new ConferenceSave(id, expectedRevision, encoded) { Key = _fence?.Current }, cancellation);
        }
        catch (StaleEpochException stale)
        {
            if (stale.Key is { } key)
                _fence?.OnStale(key);
            throw;
        }
    }

    public IAsyncEnumerable<AggregateId> ActiveAsync(CancellationToken cancellation) =>
        _reader.IdsAsync(Slot.All, cancellation);

    public IAsyncEnumerable<AggregateId> ActiveAsync(IReadOnlySet<Slot> slots, CancellationToken cancellation) =>
        _reader.IdsAsync(slots.OrderBy(slot => slot.Number), cancellation);

    /// <summary>Writes what waits; a second call waits for the first.</summary>
    public ValueTask DisposeAsync() => new(_closed.Value);

    private async Task CloseAsync()
    {
        await _commit.DisposeAsync();
        _writer.Dispose();
    }
}
