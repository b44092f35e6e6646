using ImSidecar.Grpc;
using ImSidecar.Msrp;
using ImSidecar.Msrp.Relay;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Options;
using ImSidecar.Server.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Plane;

/// <summary>Composes "imsidecar msrp": the MSRP plane alone, with the configuration file of the sidecar.</summary>
internal static class MsrpPlane
{
    public const string Role = "msrp";

    public static WebApplication Build(string[] arguments)
    {
        var builder = Startup.CreateBuilder(arguments);
        var options = builder.Services.AddPlaneOptions(builder.Configuration);
        if (!options.IsRemote)
            throw Invalid("MsrpControl:Socket is needed: it is where the sidecar finds this process");

        builder.Services.AddSingleton<TimeProvider, SteadyTime>();
        builder.Services.AddMsrpSwitch(builder.Configuration);
        builder.Services.AddMsrpRelay(builder.Configuration);
        builder.Services.AddPlane();
        builder.Services.AddTelemetry(builder.Configuration);
        builder.WebHost.ConfigureKestrel(Listen);

        var app = builder.Build();
        app.UseRouting();
        app.MapPlane();
        app.MapPlaneHealth();
        app.MapTelemetry();
        app.MapMsrpWebSocket();
        return app;
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

    private static OptionsValidationException Invalid(string reason) =>
        new(PlaneOptions.Section, typeof(PlaneOptions), [reason]);
}
