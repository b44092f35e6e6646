using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Postgres;
using ImSidecar.Server.Tests.Stores.Deferred;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>The contract on a real PostgreSQL.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresRemoteDocumentsTests(PostgresServer server) : RemoteDocumentsContract, IAsyncLifetime
{
    private readonly PostgresSchemaOfTest _schema = new(server);
    private PostgresStore _store = null!;

    private protected override IServerStore Store => _store;

    public ValueTask InitializeAsync()
    {
        _store = _schema.Open();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    private protected override async Task ReopenAsync()
    {
        await _store.DisposeAsync();
        _store = _schema.Open();
    }
}
