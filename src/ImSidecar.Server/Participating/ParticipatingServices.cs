using ImSidecar.Server.Hosting;
using ImSidecar.Server.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Participating;

/// <summary>Registers the Participating IM Function: served users and what finds them.</summary>
internal static class ParticipatingServices
{
    public static IServiceCollection AddParticipating(
        this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ParticipatingOptions>()
            .Bind(configuration.GetSection(ParticipatingOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ParticipatingOptions>, ParticipatingOptionsValidator>();
        services.AddSingleton<ServedUsers>();
        services.AddSingleton<ServedUserIds>();
        services.AddSingleton<HiddenCallers>();
        services.AddSingleton<PassingRequests>();
        return services.AddSingleton<IAggregateKind, ServedUserRules>();
    }
}
