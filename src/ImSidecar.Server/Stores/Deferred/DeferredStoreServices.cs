using ImSidecar.Core.Deferred;
using ImSidecar.Grpc.Health;
using ImSidecar.Server.Stores.Deferred.Postgres;
using ImSidecar.Server.Stores.Deferred.Sqlite;
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
            provider.GetRequiredService<IOptions<StoreOptions>>().Value.Path, health, logger);
    }

    internal static DeferredMessageStore Open(
        DeferredStoreOptions options, string storePath, StoreHealth health, ILogger<DeferredMessageStore> logger)
    {
        // Looked at by the validator, but a file may have changed since.
        if (!DeferredConnection.TryParse(options.Connection, storePath, out var connection, out var error))
            throw new StoreUnavailableException($"DeferredStore:Connection {error}");

        var seal = new ContentSeal([.. options.KeyFiles.Select(Key)]);
        if (connection.File is { } file)
            return new(SqliteDeferredEngine.Open(file), seal, health, logger);

        var engine = new PostgresDeferredEngine(new(connection.Server!, options, logger));
        if (engine.Start() is { } reason)
            health.Fails(reason);
        return new(engine, seal, health, logger);
    }

    private static ContentKey Key(string path) => ContentKey.TryRead(path, out var key, out var error)
        ? key
        : throw new StoreUnavailableException($"DeferredStore:KeyFiles {path} {error}");
}
