using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>Wires the documents of a remote XDMS as <see cref="IXdmDocuments"/>.</summary>
internal static class RemoteServices
{
    /// <summary>An <see cref="IDocumentWatch"/> is used when one is registered.</summary>
    public static IServiceCollection AddRemoteDocuments(
        this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<XcapClientOptions>()
            .Bind(configuration.GetSection(XcapClientOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<XcapClientOptions>, XcapClientOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<XcapClientOptions>>().Value);
        services.AddSingleton<XdmsHealth>();
        services.AddSingleton<RemoteXdms>();
        services.AddSingleton<DocumentMemory>();
        services.AddSingleton<RemoteDocuments>();
        services.AddSingleton<IXdmDocuments>(provider => provider.GetRequiredService<RemoteDocuments>());
        services.AddSingleton<RemoteMetrics>();
        services.AddHostedService(provider => provider.GetRequiredService<DocumentMemory>());
        return services.AddHostedService<DocumentSweep>();
    }
}
