using System.Net;
using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
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
        services.AddSingleton(Policy);
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
        services.AddSingleton<AggregateRouter>();
        services.AddSingleton<Recovery>();
        services.AddHostedService(provider => provider.GetRequiredService<Recovery>());
        services.AddHostedService<LegEventReader>();
        services.AddHostedService<GroupReview>();
        return services;
    }

    private static OperatorPolicy Policy(IServiceProvider provider)
    {
        var msrp = provider.GetRequiredService<IOptions<MsrpOptions>>().Value;
        var xdm = provider.GetRequiredService<XdmOptions>();
        var participating = provider.GetRequiredService<IOptions<ParticipatingOptions>>().Value.ToPolicy();
        var controlling = provider.GetRequiredService<IOptions<ControllingOptions>>().Value.ToPolicy(
            msrp.Host, msrp.Port, msrp.MaxMessageBytes);
        return controlling with
        {
            WebSocket = WebSocket(provider, msrp),
            Precedence = xdm.Precedence,
            ServiceName = xdm.ServiceName,
            Participating = participating,
            Deferred = provider.GetRequiredService<IOptions<DeferredOptions>>().Value.ToPolicy(
                controlling.ConferenceFactory, participating.IsOn),
        };
    }

    // What browsers use to reach us says a proxy, or else where we listen.
    private static WebSocketMedia? WebSocket(IServiceProvider provider, MsrpOptions msrp)
    {
        var options = provider.GetRequiredService<IOptions<MsrpWebSocketOptions>>().Value;
        if (options.Path.Length == 0)
            return null;

        if (options.AnnounceUri is { } announced)
            return new(announced.IdnHost.Trim('[', ']'), announced.Port);

        var http = provider.GetRequiredService<IOptions<HttpOptions>>().Value;
        var listen = http.TlsListenEndPoint ?? http.ListenEndPoint!;
        return new(IsAny(listen.Address) ? msrp.Host : listen.Address.ToString(), listen.Port);
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
