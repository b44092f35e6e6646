using System.Runtime.CompilerServices;
using ImSidecar.Msrp.Switch;
using ImSidecar.Msrp.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp;

/// <summary>Puts the switch into a host and on Kestrel.</summary>
public static class MsrpRegistration
{
    /// <summary>The switch, its options (section "Msrp"), and 64 KiB blocks for all of Kestrel's connections.</summary>
    public static IServiceCollection AddMsrpSwitch(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<MsrpOptions>().Bind(configuration.GetSection(MsrpOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MsrpOptions>, MsrpOptionsValidator>();
        services.AddOptions<MsrpOptions>().Validate<IOptions<MsrpTlsOptions>>(
            (msrp, tls) => msrp.TlsListen.Length == 0 || tls.Value.CertificateFile.Length > 0,
            "Msrp:TlsListen needs MsrpTls:CertificateFile");
        services.AddMsrpTls(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<MsrpSwitch>();
        services.AddSingleton<IMsrpSwitch>(provider => provider.GetRequiredService<MsrpSwitch>());
        services.AddSingleton<IMsrpLegs>(provider => provider.GetRequiredService<MsrpSwitch>());
        services.AddSingleton(provider => new MsrpConnectionHandler(provider.GetRequiredService<MsrpSwitch>()));
        services.AddOptions<MsrpWebSocketOptions>()
            .Bind(configuration.GetSection(MsrpWebSocketOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MsrpWebSocketOptions>, MsrpWebSocketOptionsValidator>();
        services.AddSingleton<FrontDoor>();
        services.AddSingleton<WebSocketEndpoint>();
        services.AddSingleton<IMemoryPoolFactory<byte>>(BlockMemoryPool.OfProcess);
        return services;
    }

    /// <summary>Instruments of switch and relay are there from now on, not only from their first use.</summary>
    public static void PublishMetrics()
    {
        RuntimeHelpers.RunClassConstructor(typeof(MsrpMetrics).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(Relay.RelayMetrics).TypeHandle);
    }

    /// <summary>Who we are in TLS (section "MsrpTls"), once for switch and relay.</summary>
    public static IServiceCollection AddMsrpTls(this IServiceCollection services, IConfiguration configuration)
    {
        if (services.Any(each => each.ServiceType == typeof(TlsIdentity)))
            return services;

        services.AddOptions<MsrpTlsOptions>().Bind(configuration.GetSection(MsrpTlsOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MsrpTlsOptions>, MsrpTlsOptionsValidator>();
        services.AddSingleton<TlsIdentity>();
        services.AddSingleton<IMsrpTls>(provider => provider.GetRequiredService<TlsIdentity>());
        services.AddSingleton<IMsrpIdentity>(provider => provider.GetRequiredService<TlsIdentity>());
        return services;
    }

    /// <summary>Listens where Msrp:Listen says, and with TLS where Msrp:TlsListen says.</summary>
    public static void ListenMsrp(this KestrelServerOptions kestrel)
    {
        var options = kestrel.ApplicationServices.GetRequiredService<IOptions<MsrpOptions>>().Value;
        kestrel.Listen(options.ListenEndPoint!, endPoint => endPoint.UseConnectionHandler<MsrpConnectionHandler>());
        if (options.TlsListenEndPoint is not { } secure)
            return;

        kestrel.Listen(secure, endPoint =>
        {
            endPoint.UseMsrpTls(requiresPeer: false, options.MaxConnections);
            endPoint.UseConnectionHandler<MsrpConnectionHandler>();
        });
    }

    /// <summary>MSRP over WebSocket where MsrpWebSocket:Path says, RFC 7977.</summary>
    public static void MapMsrpWebSocket(this WebApplication app)
    {
        var path = app.Services.GetRequiredService<IOptions<MsrpWebSocketOptions>>().Value.Path;
        if (path.Length == 0)
            return;

        app.UseWebSockets();
        app.MapGet(path, app.Services.GetRequiredService<WebSocketEndpoint>().AcceptAsync);
    }

    /// <summary>HTTPS for browsers, with the certificate of MSRP; they are not asked for one of theirs.</summary>
    public static void UseHttpsOfMsrp(this ListenOptions listen)
    {
        var tls = listen.ApplicationServices.GetRequiredService<TlsIdentity>();
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = tls.HandshakeTimeout,
            OnConnection = _ => ValueTask.FromResult(tls.ForBrowsers()),
        });
    }

    /// <summary>TLS before what handles the connections; each handshake takes the certificate there is then.</summary>
    internal static void UseMsrpTls(this ListenOptions listen, bool requiresPeer, int maxConnections)
    {
        listen.Use(new ConnectionLimit(maxConnections).Before);
        var tls = listen.ApplicationServices.GetRequiredService<TlsIdentity>();
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = tls.HandshakeTimeout,
            OnConnection = _ => ValueTask.FromResult(tls.ForServer(requiresPeer)),
        });
    }
}
