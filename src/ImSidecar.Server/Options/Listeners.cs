using System.Net;
using System.Net.Sockets;
using System.Text;
using ImSidecar.Grpc;
using ImSidecar.Msrp;
using ImSidecar.Msrp.Relay;
using ImSidecar.Server.Admin;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Lifecycle;
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
    // sun_path of a Unix socket address holds 108 bytes with its end.
    private const int MaxSocketPath = 107;

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

    /// <summary>All of them, as far as they are written rightly.</summary>
    public static IReadOnlyList<Door> Doors(IConfiguration configuration)
    {
        var gateway = Section<GatewayOptions>(configuration, GatewayOptions.Section);
        var admin = Section<AdminOptions>(configuration, AdminOptions.Section);
        var http = Section<HttpOptions>(configuration, HttpOptions.Section);
        var plane = Section<PlaneOptions>(configuration, PlaneOptions.Section);
        return
        [
            .. OfSocket("Gateway:Socket", gateway.Socket),
            .. OfAddress("Gateway:Listen", gateway.ListenEndPoint),
            .. OfSocket("Admin:Socket", admin.Socket),
            .. OfAddress("Http:Listen", http.ListenEndPoint),
            .. OfAddress("Http:TlsListen", http.TlsListenEndPoint),
            .. plane.IsRemote ? [] : DoorsOfMsrp(configuration),
        ];
    }

    /// <summary>Those of "imsidecar msrp".</summary>
    public static IReadOnlyList<Door> DoorsOfPlane(IConfiguration configuration)
    {
        var plane = Section<PlaneOptions>(configuration, PlaneOptions.Section);
        return
        [
            .. OfSocket("MsrpControl:Socket", plane.Socket),
            .. OfAddress("MsrpControl:HttpListen", plane.Http.ListenEndPoint),
            .. OfAddress("MsrpControl:HttpTlsListen", plane.Http.TlsListenEndPoint),
            .. DoorsOfMsrp(configuration),
        ];
    }

    public static IWebHostBuilder ConfigureListeners(this IWebHostBuilder host) =>
        host.ConfigureKestrel((_, kestrel) =>
        {
            var services = kestrel.ApplicationServices;
            kestrel.AddServerHeader = false;
            kestrel.UseGrpcLimits();
            kestrel.ListenGrpcUnixSocket(services.GetRequiredService<GatewayOptions>().Socket);
            services.GetRequiredService<GatewayTls>().Listen(kestrel);
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

    private static IReadOnlyList<Door> DoorsOfMsrp(IConfiguration configuration)
    {
        var msrp = Section<MsrpOptions>(configuration, MsrpOptions.Section);
        var relay = Section<RelayOptions>(configuration, RelayOptions.Section);
        return
        [
            .. OfAddress("Msrp:Listen", msrp.ListenEndPoint),
            .. OfAddress("Msrp:TlsListen", msrp.TlsListenEndPoint),
            .. OfAddress("Relay:Listen", relay.ListenEndPoint),
            .. OfAddress("Relay:TlsListen", relay.TlsListenEndPoint),
        ];
    }

    private static IEnumerable<Door> OfAddress(string key, IPEndPoint? endPoint) =>
        endPoint is null ? [] : [new(key, endPoint)];

    private static IEnumerable<Door> OfSocket(string key, string path) =>
        Path.IsPathRooted(path) && Encoding.UTF8.GetByteCount(path) <= MaxSocketPath
            ? [new(key, new UnixDomainSocketEndPoint(path))] : [];

    private static T Section<T>(IConfiguration configuration, string section)
        where T : new() => configuration.GetSection(section).Get<T>() ?? new();
}
