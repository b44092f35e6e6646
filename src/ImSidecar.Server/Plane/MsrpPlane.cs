using ImSidecar.Grpc;
using ImSidecar.Msrp;
using ImSidecar.Msrp.Relay;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Options;
using ImSidecar.Server.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Plane;

/// <summary>Composes "imsidecar msrp": the MSRP plane alone, with the configuration file of the sidecar.</summary>
internal static class MsrpPlane
{
    public static Role Role { get; } = new("msrp", Add, host => host.ConfigureKestrel(Listen), Map)
    {
        Doors = Listeners.DoorsOfPlane,
        Complaints = configuration => Options(configuration).IsRemote
            ? [] : ["MsrpControl:Socket is needed: it is where the sidecar finds this process"],
    };

    private static void Add(IServiceCollection services, IConfiguration configuration)
    {
        services.AddPlaneOptions(configuration);
        services.AddSingleton<TimeProvider, SteadyTime>();
        services.AddMsrpSwitch(configuration);
        services.AddMsrpRelay(configuration);
        services.AddReloadedRelay();
        services.AddSingleton<IPulse, PlanePulse>();
        services.AddPlane();
        services.AddTelemetry(configuration);
    }

    private static void Map(WebApplication app)
    {
        app.MapPlane();
        app.MapPlaneHealth();
        app.MapTelemetry();
        app.MapMsrpWebSocket();
    }

    private static void Listen(KestrelServerOptions kestrel)
    {
        var options = kestrel.ApplicationServices.GetRequiredService<IOptions<PlaneOptions>>().Value;
        kestrel.AddServerHeader = false;
        kestrel.UseGrpcLimits();
        kestrel.ListenAdmin(options.Socket);
        kestrel.ListenHttp(options.Http);
        kestrel.ListenMsrpPlane();
    }

    private static PlaneOptions Options(IConfiguration configuration) =>
        configuration.GetSection(PlaneOptions.Section).Get<PlaneOptions>() ?? new();
}
