using ImSidecar.Core.Deferred;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using static ImSidecar.Server.Tests.Stores.Deferred.DeferredSample;

namespace ImSidecar.Server.Tests.Stores.Deferred;

/// <summary>The contract on a real PostgreSQL, each test in a schema of its own.</summary>
[Collection(nameof(PostgresServer))]
public sealed class PostgresDeferredStoreTests(PostgresServer server) : DeferredStoreContract
{
    private readonly string _schema = "t_" + Guid.NewGuid().ToString("N");

    private protected override DeferredStoreOptions Place => new() { Connection = server.Connection, Schema = _schema };

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await server.RunAsync($"DROP SCHEMA {_schema} CASCADE");
    }

    private protected override async Task<long> ScalarAsync(string sql) =>
        (long)(await server.RunAsync($"SET search_path = {_schema}; {sql}"))!;
}
