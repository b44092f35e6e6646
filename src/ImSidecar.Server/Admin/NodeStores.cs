using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Stores.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Admin;

/// <summary>The stores of this node, as its operator knows them.</summary>
internal sealed record NodeStores(NodeStore Conferences, NodeStore Deferred)
{
    public static NodeStores Of(IServiceProvider provider)
    {
        var store = provider.GetRequiredService<SqliteConferenceStore>();
        var path = provider.GetRequiredService<IOptions<StoreOptions>>().Value.Path;
        var deferred = provider.GetRequiredService<DeferredMessageStore>();
        var wanted = provider.GetRequiredService<IOptions<DeferredStoreOptions>>().Value.Connection;
        _ = DeferredConnection.TryParse(wanted, path, out var connection, out _);
        return new(
            new("sqlite", path, provider.GetRequiredService<StoreHealth>(), () => store.SavesWaiting),
            new(
                connection.File is null ? "postgresql" : "sqlite", connection.File ?? deferred.Description,
                deferred.Health, () => deferred.WritesWaiting));
    }
}

/// <summary>One of them.</summary>
/// <param name="Path">Of the file; of PostgreSQL host and database.</param>
internal sealed record NodeStore(string Kind, string Path, StoreHealth Health, Func<int> Waiting);
