using ImSidecar.Server.Gateway;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Cluster;

/// <summary>Registers what several nodes on one database need; a node with a store of its own is alone.</summary>
internal static class ClusterServices
{
    /// <summary>Before all that owns aggregates, and so it ends behind them.</summary>
    public static IServiceCollection AddCluster(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ClusterOptions>().Bind(configuration.GetSection(ClusterOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ClusterOptions>, ClusterOptionsValidator>();
        services.AddSingleton<ClusterMetrics>();
        if (string.IsNullOrEmpty(configuration[$"{StoreOptions.Section}:{nameof(StoreOptions.Connection)}"]))
            return services.AddSingleton<IOwnership, Alone>();

        services.AddSingleton(provider => new ClusterOwnership(
            provider.GetRequiredService<GatewayOptions>().Node, Options(provider), Time(provider)));
        services.AddSingleton<IOwnership>(provider => provider.GetRequiredService<ClusterOwnership>());
        services.AddSingleton<INodeReport, NodeReports>();
        services.AddSingleton<ISlotHolder, SlotMailboxes>();
        services.AddSingleton<ClusterDatabase>();
        services.AddSingleton(Membership);
        services.AddOptions<HostOptions>().Configure<IOptions<ClusterOptions>>(
            (host, cluster) => host.ShutdownTimeout += cluster.Value.LeaveWithin);
        return services.AddHostedService<ClusterLifetime>();
    }

    private static Membership Membership(IServiceProvider provider)
    {
        var gateway = provider.GetRequiredService<GatewayOptions>();
        return new(
            new(gateway.Node, gateway.Target, ProductVersion.Text), Options(provider),
            provider.GetRequiredService<ClusterDatabase>().Open, provider.GetRequiredService<ClusterOwnership>(),
            provider.GetRequiredService<ISlotHolder>(), provider.GetRequiredService<INodeReport>(),
            provider.GetRequiredService<Fence>(), Time(provider),
            provider.GetRequiredService<ILogger<Membership>>());
    }

    private static ClusterOptions Options(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<ClusterOptions>>().Value;

    private static TimeProvider Time(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();
}
