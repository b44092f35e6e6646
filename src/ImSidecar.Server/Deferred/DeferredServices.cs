using ImSidecar.Server.Hosting;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Deferred;

/// <summary>Registers what keeps messages for users who are away, and brings them.</summary>
internal static class DeferredServices
{
    public static IServiceCollection AddDeferredMessages(
        this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DeferredOptions>()
            .Bind(configuration.GetSection(DeferredOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DeferredOptions>, DeferredOptionsValidator>();
        services.AddReloaded<DeferredOptions>(DeferredOptions.Section);
        services.AddSingleton<DeferredIds>();
        services.AddSingleton<DeferredSessions>();
        services.AddSingleton<DepositTaker>();
        services.AddSingleton<DeferredEffects>();
        services.AddSingleton<DeliveryRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<DeliveryRunner>());
        services.AddHostedService<WaitingMessages>();
        services.AddHostedService<DeferredSweep>();
        return services.AddSingleton<IAggregateKind, DeferredSessionRules>();
    }
}
