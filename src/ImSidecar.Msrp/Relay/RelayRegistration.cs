using System.Buffers;
using ImSidecar.Msrp.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Relay;

/// <summary>Puts the relay into a host and on Kestrel.</summary>
public static class RelayRegistration
{
    /// <summary>The relay and its options (section "Relay"); it runs when it listens.</summary>
    public static IServiceCollection AddMsrpRelay(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RelayOptions>().Bind(configuration.GetSection(RelayOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RelayOptions>, RelayOptionsValidator>();
        services.AddOptions<RelayOptions>().Validate<IOptions<MsrpTlsOptions>>(
            (relay, tls) => relay.TlsListen.Length == 0 || tls.Value.CertificateFile.Length > 0,
            "Relay:TlsListen needs MsrpTls:CertificateFile");
        services.AddLive<RelayOptions>();
        services.AddMsrpTls(configuration);
        services.AddSingleton<IConnectionListenerFactory, RelayListenerFactory>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RelayServer>();
        services.AddSingleton<IMsrpRelay, RelayDesk>();
        services.AddSingleton(provider => new RelayConnectionHandler(provider.GetRequiredService<RelayServer>()));
        services.TryAddSingleton<IMemoryPoolFactory<byte>>(BlockMemoryPool.OfProcess);
        return services;
    }

    /// <summary>Listens where Relay:Listen says, and with TLS where Relay:TlsListen says.</summary>
    public static void ListenRelay(this KestrelServerOptions kestrel)
    {
        var options = kestrel.ApplicationServices.GetRequiredService<IOptions<RelayOptions>>().Value;
        if (options.ListenEndPoint is { } plain)
            kestrel.Listen(plain, endPoint => endPoint.UseConnectionHandler<RelayConnectionHandler>());

        if (options.TlsListenEndPoint is not { } secure)
            return;

        kestrel.Listen(secure, endPoint =>
        {
            endPoint.UseMsrpTls(requiresPeer: false, options.MaxConnections);
            endPoint.UseConnectionHandler<RelayConnectionHandler>();
        });
    }
}
