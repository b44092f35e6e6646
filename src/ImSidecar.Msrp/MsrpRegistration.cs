using ImSidecar.Msrp.Switch;
using ImSidecar.Msrp.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
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
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<MsrpSwitch>();
        services.AddSingleton<IMsrpSwitch>(provider => provider.GetRequiredService<MsrpSwitch>());
        services.AddSingleton(provider => new MsrpConnectionHandler(provider.GetRequiredService<MsrpSwitch>()));
        services.AddSingleton<IMemoryPoolFactory<byte>, BlockMemoryPool>();
        return services;
    }

    /// <summary>Listens where Msrp:Listen says.</summary>
    public static void ListenMsrp(this KestrelServerOptions kestrel)
    {
        var options = kestrel.ApplicationServices.GetRequiredService<IOptions<MsrpOptions>>().Value;
        kestrel.Listen(options.ListenEndPoint!, endPoint => endPoint.UseConnectionHandler<MsrpConnectionHandler>());
    }
}
