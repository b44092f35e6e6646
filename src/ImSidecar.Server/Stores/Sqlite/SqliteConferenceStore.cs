using System.Runtime.CompilerServices;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Stores.Sqlite;

/// <summary>The embedded store: conferences in one SQLite file, every save durable when it is answered.</summary>
internal sealed class SqliteConferenceStore : IConferenceStore, IAsyncDisposable, IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteWriter _writer;
    private readonly GroupCommit _commit;
    private readonly Lazy<Task> _closed;

    public SqliteConferenceStore(SqliteDatabase database, StoreHealth health)
    {
        _database = database;
        _writer = new(database.Writer);
        _commit = new(_writer, health);
        _closed = new(CloseAsync);
        BootMemory = new(database);
    }

    public NodeSecret NodeSecret => _database.NodeSecret;

    public SqliteBootMemory BootMemory { get; }

    public string LibraryVersion => _database.LibraryVersion;

    public int SavesWaiting => _commit.Waiting;

    public ValueTask<StoredConference?> LoadAsync(ConferenceId id, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var connection = _database.OpenReader();
        return ValueTask.FromResult(new SqliteReader(connection).Load(id));
    }

    public ValueTask<bool> TrySaveAsync(
        ConferenceId id, long expectedRevision, ConferenceChanges changes, CancellationToken cancellation) =>
        _commit.SaveAsync(id, expectedRevision, StoredChanges.Of(id, expectedRevision, changes), cancellation);

    /// <summary>Page by page: a long read would let the write-ahead log grow.</summary>
    public async IAsyncEnumerable<ConferenceId> ActiveAsync([EnumeratorCancellation] CancellationToken cancellation)
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

    private List<(long Number, ConferenceId Id)> IdsAfter(long number)
    {
        using var connection = _database.OpenReader();
        return new SqliteReader(connection).IdsAfter(number);
    }

    private async Task CloseAsync()
    {
        await _commit.DisposeAsync();
        _writer.Dispose();
        _database.Dispose();
    }
}
