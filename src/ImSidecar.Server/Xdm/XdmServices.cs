using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Options;
using ImSidecar.Server.Xdm.Embedded;
using ImSidecar.Server.Xdm.Remote;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm;

/// <summary>Registers where documents come from, and the groups that the rules ask.</summary>
internal static class XdmServices
{
    public static IServiceCollection AddXdm(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<XdmOptions>().Bind(configuration.GetSection(XdmOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<XdmOptions>, XdmOptionsValidator>();
        services.AddReloaded<XdmOptions>(XdmOptions.Section);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<XdmOptions>>().Value);
        services.AddSingleton(provider => new Groups(
            provider.GetRequiredService<IXdmDocuments>(),
            WithRoot(provider),
            provider.GetRequiredService<ILogger<Groups>>()));
        services.AddSingleton(provider => new AccessRules(
            provider.GetRequiredService<IXdmDocuments>(),
            WithRoot(provider),
            provider.GetRequiredService<ILogger<AccessRules>>()));

        // A Mode that is none is refused with the rest of the section.
        var mode = configuration[$"{XdmOptions.Section}:{nameof(XdmOptions.Mode)}"];
        return nameof(XdmMode.Remote).Equals(mode, StringComparison.OrdinalIgnoreCase)
            ? services.AddRemoteDocuments(configuration)
            : services.AddEmbeddedDocuments(configuration);
    }

    private static XdmOptions WithRoot(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<XdmOptions>();
        var root = options.Mode == XdmMode.Remote
            ? provider.GetRequiredService<XcapClientOptions>().Root
            : provider.GetRequiredService<IOptions<XcapServerOptions>>().Value.Root;
        return options with { Roots = [root, .. options.Roots] };
    }
}
