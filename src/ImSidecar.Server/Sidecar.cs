using ImSidecar.Grpc;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Deferred;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Options;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Plane;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Telemetry;
using ImSidecar.Server.Xdm;
using ImSidecar.Server.Xdm.Diff;
using ImSidecar.Server.Xdm.Embedded;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ImSidecar.Server;

/// <summary>Composes "imsidecar": all there is, the MSRP plane too unless it is a process of its own.</summary>
internal static class Sidecar
{
    public static Role Role { get; } = new("", Add, host => host.ConfigureListeners(), Map) { Doors = Listeners.Doors };

    private static void Add(IServiceCollection services, IConfiguration configuration)
    {
        services.AddStores(configuration);
        services.AddDeferredStore(configuration);
        services.AddXdm(configuration);
        services.AddMsrp(configuration);
        // In this order: the last to begin is the first to stop, and the streams outlive the hand-over to other nodes.
        services.AddHostedService(provider => provider.GetRequiredService<Farewell>());
        services.AddCluster(configuration);
        services.AddGateway(configuration);
        services.AddConferences(configuration);
        services.AddParticipating(configuration);
        services.AddDeferredMessages(configuration);
        services.AddXcapDiff();
        services.AddAdmin(configuration);
        services.AddHttp(configuration);
        services.AddTelemetry(configuration);
        services.AddSingleton<IPulse, SidecarPulse>();
    }

    private static void Map(WebApplication app)
    {
        app.MapGateway();
        app.MapAdmin();
        app.MapXcapServer();
        app.MapHealth();
        app.MapTelemetry();
        app.MapMsrp();
    }
}
