using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>The embedded store: conferences in one SQLite file, every save durable when it is answered.</summary>
internal sealed class SqliteConferenceStore : IAggregateStore, IServerStore, IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteWriter _writer;
    private readonly GroupCommit _commit;

    // Nobody else writes the file: what is not here is not there either, and every new conference asks for itself first.
    private readonly ConcurrentDictionary<AggregateId, bool> _mayBeStored = new();
    private readonly Lazy<Task> _closed;

    public SqliteConferenceStore(SqliteDatabase database, StoreHealth health)
    {
        _database = database;
        _writer = new(database.Writer);
        _commit = new(_writer, health);
        _closed = new(CloseAsync);
        BootMemory = new SqliteBootMemory(database);
        for (var ids = IdsAfter(0); ids.Count > 0; ids = IdsAfter(ids[^1].Number))
        {
            foreach (var (_, id) in ids)
                _mayBeStored[id] = true;
        }
    }

    /// <summary>The documents of the same file, written by the same writer.</summary>
    public IDocumentStore Documents => field ??= new SqliteDocumentStore(_database, _commit);

    /// <summary>Of the same file and the same writer too.</summary>
    public IRemoteDocumentStore RemoteDocuments => field ??= new SqliteRemoteDocuments(_database, _commit);

    public NodeSecret NodeSecret => _database.NodeSecret;

    public IBootMemory BootMemory { get; }

    public IAggregateStore Aggregates => this;

    public string Kind => "sqlite";

    public string Place => _database.Path;

    public string Description => $"{Place}, SQLite {_database.LibraryVersion}";

    public int SavesWaiting => _commit.Waiting;

    public ValueTask<StoredAggregate?> LoadAsync(AggregateId id, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!_mayBeStored.ContainsKey(id))
            return ValueTask.FromResult<StoredAggregate?>(null);

        return ValueTask.FromResult(_database.Readers.Read(reader => SqliteAggregates.Load(reader, id)));
    }

    public async ValueTask<bool> TrySaveAsync(
        AggregateId id, long expectedRevision, AggregateChanges changes, CancellationToken cancellation)
    {
        // Before it is written and after it is deleted: a save that fails may have been either.
        _mayBeStored[id] = true;
        var encoded = StoredChanges.Of(id, expectedRevision, changes);
        var isSaved = await _commit.SaveAsync(new ConferenceSave(id, expectedRevision, encoded), cancellation);
        if (isSaved && encoded.Deletes)
            _mayBeStored.TryRemove(id, out _);
        return isSaved;
    }

    /// <summary>Page by page: a long read would let the write-ahead log grow.</summary>
    public async IAsyncEnumerable<AggregateId> ActiveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var ids = IdsAfter(0); ids.Count > 0; ids = IdsAfter(ids[^1].Number))
        {
            foreach (var (_, id) in ids)
            {
                cancellation.ThrowIfCancellationRequested();
                yield return id;
            }
        }

        await ValueTask.CompletedTask;
    }

    /// <summary>Writes what waits, then closes the file; a second call waits for the first.</summary>
    public ValueTask DisposeAsync() => new(_closed.Value);

    public void Dispose() => _closed.Value.GetAwaiter().GetResult();

    private List<(long Number, AggregateId Id)> IdsAfter(long number) =>
        _database.Readers.Read(reader => SqliteAggregates.IdsAfter(reader, number));

    private async Task CloseAsync()
    {
        await _commit.DisposeAsync();
        _writer.Dispose();
        _database.Dispose();
    }
}
