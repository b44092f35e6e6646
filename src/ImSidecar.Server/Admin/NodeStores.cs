using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Admin;

/// <summary>The stores of this node, as its operator knows them.</summary>
internal sealed record NodeStores(NodeStore Conferences, NodeStore Deferred)
{
    public static NodeStores Of(IServiceProvider provider)
    {
        var store = provider.GetRequiredService<IServerStore>();
        var deferred = provider.GetRequiredService<DeferredMessageStore>();
        var file = DeferredStoreServices.File(
            provider.GetRequiredService<IOptions<DeferredStoreOptions>>().Value,
            provider.GetRequiredService<IOptions<StoreOptions>>().Value);
        return new(
            new(store.Kind, store.Place, provider.GetRequiredService<StoreHealth>(), () => store.SavesWaiting),
            new(
                file is null ? "postgresql" : "sqlite", file ?? deferred.Description, deferred.Health,
                () => deferred.WritesWaiting));
    }
}

/// <summary>One of them.</summary>
/// <param name="Path">Of the file; of PostgreSQL host and database.</param>
internal sealed record NodeStore(string Kind, string Path, StoreHealth Health, Func<int> Waiting);
