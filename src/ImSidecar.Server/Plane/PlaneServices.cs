using ImSidecar.Grpc;
using ImSidecar.Msrp;
using ImSidecar.Msrp.Relay;
using ImSidecar.Msrp.V1;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Options;
using ImSidecar.Server.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Plane;

/// <summary>Registers the two ends of the control of an MSRP plane that is a process of its own.</summary>
internal static class PlaneServices
{
    // A message for the peer of a leg that ends there comes whole.
    private const int MaxCommandBytes = 256 * 1024 * 1024;

    public static PlaneOptions AddPlaneOptions(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(PlaneOptions.Section);
        services.AddOptions<PlaneOptions>().Bind(section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PlaneOptions>, PlaneOptionsValidator>();
        return section.Get<PlaneOptions>() ?? new();
    }

    /// <summary>The sidecar's end: the switch runs here, or in the process that MsrpControl:Socket leads to.</summary>
    public static IServiceCollection AddMsrp(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddMsrpSwitch(configuration);
        if (!services.AddPlaneOptions(configuration).IsRemote)
            return services.AddMsrpRelay(configuration).AddReloadedRelay().AddSingleton<MsrpAdmin>();

        // The key may be a credential of the plane's unit, which is hidden from this process.
        var http = configuration.GetSection(HttpOptions.Section).Get<HttpOptions>() ?? new();
        services.AddSingleton(new MsrpTlsUse(NeedsKey: http.TlsListen.Length > 0));
        services.AddSingleton<RemoteMsrpSwitch>();
        services.AddSingleton<IMsrpSwitch>(provider => provider.GetRequiredService<RemoteMsrpSwitch>());
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<PlaneLink>(
            provider, provider.GetRequiredService<Recovery>().Done));
        return services;
    }

    /// <summary>Where handsets and other relays connect.</summary>
    public static void ListenMsrpPlane(this KestrelServerOptions kestrel)
    {
        kestrel.ListenMsrp();
        kestrel.ListenRelay();
    }

    /// <summary>If the switch is here: WebSockets on the HTTP port, and what operators ask on the admin socket.</summary>
    public static void MapMsrp(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<PlaneOptions>>().Value.IsRemote)
            return;

        app.MapMsrpWebSocket();
        app.MapGrpc(PlaneService.Name, service =>
            service.MapMsrpAdmin(app.Services.GetRequiredService<MsrpAdmin>()));
    }

    /// <summary>The plane's end.</summary>
    public static IServiceCollection AddPlane(this IServiceCollection services)
    {
        services.AddSingleton<MsrpAdmin>();
        services.AddSingleton<SidecarDesk>();
        services.AddHostedService(provider => provider.GetRequiredService<SidecarDesk>());
        services.AddSingleton<PlaneService>();
        services.AddSingleton<IHostedService>(provider =>
            new SocketMode(provider.GetRequiredService<IOptions<PlaneOptions>>().Value.Socket));
        return services.AddGrpcServer();
    }

    public static void MapPlane(this IEndpointRouteBuilder endpoints)
    {
        var plane = endpoints.ServiceProvider.GetRequiredService<PlaneService>();
        endpoints.MapGrpc(PlaneService.Name, service =>
        {
            service.MaxMessageBytes = MaxCommandBytes;
            service.Bidirectional<MsrpCommandBatch, MsrpEventBatch>(
                "Attach", MsrpCommandBatch.Parser, plane.AttachAsync);
            service.MapMsrpAdmin(endpoints.ServiceProvider.GetRequiredService<MsrpAdmin>());
        });
    }

    private static void MapMsrpAdmin(this GrpcServiceBuilder service, MsrpAdmin admin)
    {
        service.Unary<MsrpStatusRequest, MsrpStatusResponse>("Status", MsrpStatusRequest.Parser, admin.StatusAsync);
        service.Unary<ListRelaySessionsRequest, ListRelaySessionsResponse>(
            "ListRelaySessions", ListRelaySessionsRequest.Parser, admin.ListRelaySessionsAsync);
        service.Unary<EndRelaySessionRequest, EndRelaySessionResponse>(
            "EndRelaySession", EndRelaySessionRequest.Parser, admin.EndRelaySessionAsync);
    }

    /// <summary>It is ready when it listens: a relay needs no sidecar.</summary>
    public static void MapPlaneHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", () => Results.Json(new { status = "live", version = ProductVersion.Text }))
            .OnPlainListener();
        endpoints.MapGet("/health/ready", (IMsrpLegs legs, IServiceProvider services) => Results.Json(new
        {
            status = "ready",
            sidecar = services.GetService<SidecarDesk>()?.Current?.Node,
            legs = legs.SessionIds.Count,
            connections = legs.Connections,
            heapBytes = GC.GetTotalMemory(forceFullCollection: false),
        })).OnPlainListener();
    }
}
