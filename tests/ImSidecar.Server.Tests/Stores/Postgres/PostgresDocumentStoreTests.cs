using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Postgres;
using ImSidecar.Server.Tests.Stores.Deferred;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>The contract on a real PostgreSQL.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresDocumentStoreTests(PostgresServer server) : DocumentStoreContract, IAsyncLifetime
{
    private readonly PostgresSchemaOfTest _schema = new(server);
    private PostgresStore _store = null!;

    private protected override IDocumentStore Store => _store.Documents;

    public ValueTask InitializeAsync()
    {
        _store = _schema.Open();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    private protected override async Task<IDocumentStore> ReopenAsync()
    {
        await _store.DisposeAsync();
        _store = _schema.Open();
        return Store;
    }
}
