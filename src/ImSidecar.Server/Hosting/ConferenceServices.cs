using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// Registers the hosting of conferences: router, mailboxes, timers, recovery, and the operator's policy.
/// </summary>
internal static class ConferenceServices
{
    public static IServiceCollection AddConferences(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ControllingOptions>()
            .Bind(configuration.GetSection(ControllingOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ControllingOptions>, ControllingOptionsValidator>();
        services.AddOptions<ControllingOptions>().Validate<IOptions<MsrpOptions>>(
            (controlling, msrp) => controlling.MediaTls != MediaTls.Always || msrp.Value.TlsPort is not null,
            "Controlling:MediaTls Always needs Msrp:TlsListen");
        services.AddSingleton<MediaIdentity>();
        services.AddSingleton(provider => new Live<OperatorPolicy>(Policy(provider)));
        services.AddTransient(provider => provider.GetRequiredService<Live<OperatorPolicy>>().Value);
        services.AddSingleton<IReloaded, PolicySections>();
        services.AddSingleton<ConferenceIds>();
        services.AddSingleton<MessageIds>();
        services.AddSingleton<TimeProvider, SteadyTime>();
        services.AddSingleton<Drain>();
        services.AddSingleton<TimerWheel>();
        services.AddSingleton<EffectRunner>();
        services.AddSingleton<ConferenceCounts>();
        services.AddSingleton<GroupSessions>();
        services.AddSingleton<ConferenceDirectory>();
        services.AddSingleton<IAggregateKind, ConferenceRules>();
        services.AddSingleton<IAggregateKind, MessageRules>();
        services.AddSingleton<AggregateKinds>();
        services.TryAddSingleton<IOwnership, Alone>();
        services.AddSingleton<Placement>();
        services.AddSingleton<AggregateRouter>();
        services.AddSingleton<Recovery>();
        services.AddHostedService(provider => provider.GetRequiredService<Recovery>());
        services.AddHostedService<LegEventReader>();
        services.AddHostedService<GroupReview>();
        return services;
    }

    private static OperatorPolicy Policy(IServiceProvider provider) => PolicySections.PolicyOf(
        Section<ControllingOptions>(provider), Section<ParticipatingOptions>(provider), Section<DeferredOptions>(provider),
        Section<XdmOptions>(provider), Section<MsrpOptions>(provider), Section<MsrpWebSocketOptions>(provider),
        Section<HttpOptions>(provider));

    private static T Section<T>(IServiceProvider provider)
        where T : class => provider.GetRequiredService<IOptions<T>>().Value;
}
