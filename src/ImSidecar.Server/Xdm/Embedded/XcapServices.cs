using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Xdm.Embedded.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>Wires the embedded XDMS: <see cref="EmbeddedDocuments"/> and the XCAP server in front of them.</summary>
internal static class XcapServices
{
    public static IServiceCollection AddEmbeddedDocuments(
        this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<XcapServerOptions>, XcapServerOptionsValidator>();
        services.AddOptions<XcapServerOptions>()
            .Bind(configuration.GetSection(XcapServerOptions.Section))
            .ValidateOnStart();
        services.AddReloaded<XcapServerOptions>(XcapServerOptions.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<EmbeddedDocuments>();
        services.AddSingleton<IXdmDocuments>(provider => provider.GetRequiredService<EmbeddedDocuments>());
        services.AddSingleton<DeferredListDocument>();
        services.AddSingleton<GeneratedDocuments>();
        services.AddSingleton<DocumentValidation>();
        services.AddSingleton(_ => new DocumentWork());
        services.AddSingleton<CallerIdentity>();
        services.AddSingleton<XcapAccess>();
        services.AddSingleton<XcapReading>();
        services.AddSingleton<XcapWriting>();
        services.AddSingleton<XcapMetrics>();
        services.AddSingleton<XcapServer>();
        return services;
    }

    /// <summary>Serves the XCAP root, when the documents are ours.</summary>
    public static void MapXcapServer(this IEndpointRouteBuilder endpoints)
    {
        if (endpoints.ServiceProvider.GetService<XcapServer>() is not { } server)
            return;

        var root = endpoints.ServiceProvider.GetRequiredService<IOptions<XcapServerOptions>>().Value.RootUri!;
        endpoints.Map(root.AbsolutePath + "{**document}", server.HandleAsync);
    }
}
