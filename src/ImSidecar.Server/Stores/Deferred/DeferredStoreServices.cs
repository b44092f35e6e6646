using ImSidecar.Core.Deferred;
using ImSidecar.Grpc.Health;
using ImSidecar.Server.Stores.Deferred.Postgres;
using ImSidecar.Server.Stores.Deferred.Sqlite;
using ImSidecar.Server.Stores.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Stores.Deferred;

/// <summary>Wires the store of deferred messages: <see cref="IDeferredMessageStore"/>.</summary>
internal static class DeferredStoreServices
{
    // Its own line in grpc.health.v1: when this store fails, sessions go on.
    private const string HealthService = "imsidecar.deferred";

    public static IServiceCollection AddDeferredStore(
        this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<DeferredStoreOptions>, DeferredStoreOptionsValidator>();
        services.AddOptions<DeferredStoreOptions>()
            .Bind(configuration.GetSection(DeferredStoreOptions.Section))
            .ValidateOnStart();
        services.TryAddSingleton<HealthBoard>();
        services.AddSingleton(Open);
        services.AddSingleton<IDeferredMessageStore>(provider => provider.GetRequiredService<DeferredMessageStore>());
        services.AddSingleton(provider => provider.GetRequiredService<DeferredMessageStore>().News);
        return services.AddHostedService<DeferredStoreLifetime>();
    }

    private static DeferredMessageStore Open(IServiceProvider provider)
    {
        var logger = provider.GetRequiredService<ILogger<DeferredMessageStore>>();
        var health = new StoreHealth(
            provider.GetRequiredService<HealthBoard>(), provider.GetRequiredService<ILogger<StoreHealth>>(),
            "The store of deferred messages (DeferredStore:Connection)", HealthService);
        return Open(
            provider.GetRequiredService<IOptions<DeferredStoreOptions>>().Value,
            provider.GetRequiredService<IOptions<StoreOptions>>().Value, health, logger);
    }

    internal static DeferredMessageStore Open(
        DeferredStoreOptions options, StoreOptions store, StoreHealth health, ILogger<DeferredMessageStore> logger)
    {
        var seal = new ContentSeal([.. options.KeyFiles.Select(Key)]);
        if (File(options, store) is { } file)
            return new(SqliteDeferredEngine.Open(file), seal, health, logger);

        var engine = new PostgresDeferredEngine(new(Place(options, store), logger), logger);
        if (engine.Start() is { } reason)
            health.Fails(reason);
        return new(engine, seal, health, logger);
    }

    /// <summary>The SQLite file; null: they are in PostgreSQL.</summary>
    internal static string? File(DeferredStoreOptions options, StoreOptions store) =>
        options.Connection.Length == 0 && store.Connection.Length > 0 ? null : Connection(options, store).File;

    // Without a word of its own: where the conferences are.
    private static PostgresPlace Place(DeferredStoreOptions options, StoreOptions store) =>
        options.Connection.Length == 0
            ? PostgresPlace.Of(store)!
            : new(Connection(options, store).Server!, options.Schema, options.PasswordFile);

    // Looked at by the validator, but a file may have changed since.
    private static StoreConnection Connection(DeferredStoreOptions options, StoreOptions store) =>
        StoreConnection.TryParse(options.Connection, store.Path, out var connection, out var error)
            ? connection
            : throw new StoreUnavailableException($"DeferredStore:Connection {error}");

    private static ContentKey Key(string path) => ContentKey.TryRead(path, out var key, out var error)
        ? key
        : throw new StoreUnavailableException($"DeferredStore:KeyFiles {path} {error}");
}
