using ImSidecar.Server.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm;

/// <summary>Registers where documents come from, and the groups that the rules ask.</summary>
internal static class XdmServices
{
    public static IServiceCollection AddXdm(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<XdmOptions>().Bind(configuration.GetSection(XdmOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<XdmOptions>, XdmOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<XdmOptions>>().Value);
        services.AddSingleton<Groups>();
        return services;
    }
}
