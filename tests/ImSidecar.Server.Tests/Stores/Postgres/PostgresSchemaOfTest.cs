using ImSidecar.Server.Cluster;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Postgres;
using ImSidecar.Server.Tests.Stores.Deferred;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImSidecar.Server.Tests.Stores.Postgres;

/// <summary>A schema of a test's own, which goes with it.</summary>
internal sealed class PostgresSchemaOfTest(PostgresServer server) : IAsyncDisposable
{
    private readonly List<PostgresStore> _stores = [];

    public string Name { get; } = "t_" + Guid.NewGuid().ToString("N");

    public StoreOptions Options => new() { Connection = server.Connection, Schema = Name };

    public PostgresPlace Place => PostgresPlace.Of(Options)!;

    /// <summary>One more node on the schema.</summary>
    public PostgresStore Open(StoreHealth? health = null, Fence? fence = null, string more = "")
    {
        var place = PostgresPlace.Of(Options with { Connection = server.Connection + more })!;
        var store = PostgresStore.Open(place, health ?? Given.StoreHealth(), NullLogger.Instance, fence);
        lock (_stores)
            _stores.Add(store);
        return store;
    }

    public Task<object?> RunAsync(string sql) => server.RunAsync($"SET search_path = {Name}; {sql}");

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        await server.RunAsync($"DROP SCHEMA IF EXISTS {Name} CASCADE");
    }
}
