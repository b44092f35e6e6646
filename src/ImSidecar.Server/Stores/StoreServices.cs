using ImSidecar.Grpc.Health;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Stores.Postgres;
using ImSidecar.Server.Stores.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Stores;

/// <summary>
/// Wires the store: <see cref="IServerStore"/> and what it consists of, each by itself.
/// </summary>
internal static class StoreServices
{
    public static IServiceCollection AddStores(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<StoreOptions>, StoreOptionsValidator>();
        services.AddOptions<StoreOptions>().Bind(configuration.GetSection(StoreOptions.Section)).ValidateOnStart();
        services.TryAddSingleton<HealthBoard>();
        services.TryAddSingleton<Fence>();
        services.AddSingleton<StoreHealth>();
        services.AddSingleton(Open);
        services.AddSingleton(provider => provider.GetRequiredService<IServerStore>().Aggregates);
        services.AddSingleton(provider => provider.GetRequiredService<IServerStore>().Documents);
        services.AddSingleton(provider => provider.GetRequiredService<IServerStore>().RemoteDocuments);
        services.AddSingleton(provider => provider.GetRequiredService<IServerStore>().NodeSecret);
        services.AddSingleton(provider => provider.GetRequiredService<IServerStore>().BootMemory);
        return services.AddHostedService<StoreLifetime>();
    }

    private static IServerStore Open(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<StoreOptions>>().Value;
        var health = provider.GetRequiredService<StoreHealth>();
        return PostgresPlace.Of(options) is { } place
            ? PostgresStore.Open(
                place, health, provider.GetRequiredService<ILogger<StoreLifetime>>(),
                provider.GetRequiredService<Fence>())
            : new SqliteConferenceStore(SqliteDatabase.Open(options.Path), health);
    }
}
