using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Sqlite;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>The contract on a SQLite file.</summary>
public sealed class SqliteRemoteDocumentsTests : RemoteDocumentsContract, IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-test-").FullName;
    private SqliteConferenceStore _store;

    public SqliteRemoteDocumentsTests() => _store = Open();

    private protected override IServerStore Store => _store;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private protected override async Task ReopenAsync()
    {
        await _store.DisposeAsync();
        _store = Open();
    }

    private SqliteConferenceStore Open() =>
        new(SqliteDatabase.Open(Path.Combine(_folder, "conferences.db")), Given.StoreHealth());
}
