using ImSidecar.Grpc;
using ImSidecar.Msrp;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Plane;
using ImSidecar.Server.Telemetry;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Options;

/// <summary>The doors of the process: gateway socket, admin socket, HTTP, MSRP.</summary>
internal static class Listeners
{
    public static IServiceCollection AddHttp(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<HttpOptions>().Bind(configuration.GetSection(HttpOptions.Section))
            .Validate(options => options.ListenEndPoint is not null, "Http:Listen must be ADDRESS:PORT")
            .Validate(
                options => options.TlsListen.Length == 0 || options.TlsListenEndPoint is not null,
                "Http:TlsListen must be ADDRESS:PORT")
            .Validate<IOptions<MsrpTlsOptions>>(
                (http, tls) => http.TlsListen.Length == 0 || tls.Value.CertificateFile.Length > 0,
                "Http:TlsListen needs MsrpTls:CertificateFile")
            .ValidateOnStart();
        services.AddSingleton<Readiness>();
        services.AddSingleton<NodeMetrics>();
        return services;
    }

    public static IWebHostBuilder ConfigureListeners(this IWebHostBuilder host) =>
        host.ConfigureKestrel((_, kestrel) =>
        {
            var services = kestrel.ApplicationServices;
            kestrel.AddServerHeader = false;
            kestrel.UseGrpcLimits();
            kestrel.ListenGrpcUnixSocket(services.GetRequiredService<GatewayOptions>().Socket);
            kestrel.ListenAdmin(services.GetRequiredService<AdminOptions>().Socket);
            kestrel.ListenHttp(services.GetRequiredService<IOptions<HttpOptions>>().Value);
            if (!services.GetRequiredService<IOptions<PlaneOptions>>().Value.IsRemote)
                kestrel.ListenMsrpPlane();
        });

    /// <summary>Plain, and with TLS where that is said.</summary>
    public static void ListenHttp(this KestrelServerOptions kestrel, HttpOptions http)
    {
        kestrel.Listen(http.ListenEndPoint!, listen => listen.Protocols = HttpProtocols.Http1);
        if (http.TlsListenEndPoint is not { } secure)
            return;

        kestrel.Listen(secure, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.UseHttpsOfMsrp();
        });
    }
}
