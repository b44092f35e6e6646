using System.Net;
using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Options;
using Microsoft.Extensions.Configuration;

namespace ImSidecar.Server.Hosting;

/// <summary>The operator's policy, which several sections say together: every decision reads what is in force.</summary>
internal sealed class PolicySections(Live<OperatorPolicy> live) : IReloaded
{
    public void Take(IConfiguration configuration) => live.Value = PolicyOf(
        Section<ControllingOptions>(configuration, ControllingOptions.Section),
        Section<ParticipatingOptions>(configuration, ParticipatingOptions.Section),
        Section<DeferredOptions>(configuration, DeferredOptions.Section),
        Section<XdmOptions>(configuration, XdmOptions.Section),
        Section<MsrpOptions>(configuration, MsrpOptions.Section),
        Section<MsrpWebSocketOptions>(configuration, MsrpWebSocketOptions.Section),
        Section<HttpOptions>(configuration, HttpOptions.Section));

    public static OperatorPolicy PolicyOf(
        ControllingOptions controlling, ParticipatingOptions participating, DeferredOptions deferred, XdmOptions xdm,
        MsrpOptions msrp, MsrpWebSocketOptions webSocket, HttpOptions http)
    {
        var served = participating.ToPolicy();
        var policy = controlling.ToPolicy(msrp.Host, msrp.Port, msrp.MaxMessageBytes);
        return policy with
        {
            WebSocket = WebSocket(webSocket, http, msrp),
            Precedence = xdm.Precedence,
            ServiceName = xdm.ServiceName,
            Participating = served,
            Deferred = deferred.ToPolicy(policy.ConferenceFactory, served.IsOn),
        };
    }

    // What browsers use to reach us says a proxy, or else where we listen.
    private static WebSocketMedia? WebSocket(MsrpWebSocketOptions options, HttpOptions http, MsrpOptions msrp)
    {
        if (options.Path.Length == 0)
            return null;

        if (options.AnnounceUri is { } announced)
            return new(announced.IdnHost.Trim('[', ']'), announced.Port);

        var listen = http.TlsListenEndPoint ?? http.ListenEndPoint!;
        return new(IsAny(listen.Address) ? msrp.Host : listen.Address.ToString(), listen.Port);
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static T Section<T>(IConfiguration configuration, string section)
        where T : new() => configuration.GetSection(section).Get<T>() ?? new();
}
