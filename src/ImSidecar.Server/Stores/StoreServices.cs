using ImSidecar.Core.Conferences;
using ImSidecar.Grpc.Health;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Stores.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Stores;

/// <summary>
/// Wires the store: <see cref="IAggregateStore"/>, <see cref="IDocumentStore"/>, <see cref="NodeSecret"/> and
/// <see cref="IBootMemory"/>.
/// </summary>
internal static class StoreServices
{
    public static IServiceCollection AddStores(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<StoreOptions>, StoreOptionsValidator>();
        services.AddOptions<StoreOptions>().Bind(configuration.GetSection(StoreOptions.Section)).ValidateOnStart();
        services.TryAddSingleton<HealthBoard>();
        services.AddSingleton<StoreHealth>();
        services.AddSingleton(Open);
        services.AddSingleton<IAggregateStore>(provider => provider.GetRequiredService<SqliteConferenceStore>());
        services.AddSingleton(provider => provider.GetRequiredService<SqliteConferenceStore>().Documents);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteConferenceStore>().RemoteDocuments);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteConferenceStore>().NodeSecret);
        services.AddSingleton<IBootMemory>(provider => provider.GetRequiredService<SqliteConferenceStore>().BootMemory);
        return services.AddHostedService<StoreLifetime>();
    }

    private static SqliteConferenceStore Open(IServiceProvider provider) =>
        new(
            SqliteDatabase.Open(provider.GetRequiredService<IOptions<StoreOptions>>().Value.Path),
            provider.GetRequiredService<StoreHealth>());
}
