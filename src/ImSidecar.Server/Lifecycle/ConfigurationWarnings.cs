using System.Net;
using ImSidecar.Msrp;
using ImSidecar.Msrp.Relay;
using ImSidecar.Server.Options;
using ImSidecar.Server.Xdm.Embedded;
using ImSidecar.Server.Xdm.Remote;
using Microsoft.Extensions.Configuration;

namespace ImSidecar.Server.Lifecycle;

/// <summary>What may be meant, and surely is not: for who checks a configuration.</summary>
internal static class ConfigurationWarnings
{
    /// <summary>Sentences that begin with the key.</summary>
    public static IReadOnlyList<string> Of(IConfiguration configuration, Role role)
    {
        var readable = ConfigurationKeys.Read(configuration, out _);
        var warnings = OfMsrp(readable).Concat(OfRelay(readable));
        if (role.Name.Length == 0)
            warnings = warnings.Concat(OfDomains(readable)).Concat(OfDocuments(readable)).Concat(OfUsers(readable));
        return [.. warnings];
    }

    private static IEnumerable<string> OfMsrp(IConfiguration configuration)
    {
        var msrp = Section<MsrpOptions>(configuration, MsrpOptions.Section);
        if (msrp is { AnnounceHost: null, ListenEndPoint: { } listen } && IPAddress.IsLoopback(listen.Address))
            yield return $"Msrp:Listen is {listen}, which handsets are told to connect to: only this machine can;"
                + " Msrp:AnnounceHost says another address";
    }

    private static IEnumerable<string> OfRelay(IConfiguration configuration)
    {
        var relay = Section<RelayOptions>(configuration, RelayOptions.Section);
        if (relay is { IsOn: false, DigestFile: not "" })
            yield return "Relay:DigestFile is set, but the relay listens nowhere: Relay:Listen and Relay:TlsListen are empty";
        if (relay is { AllowPlainAuth: true, ListenEndPoint: { } plain } && !IPAddress.IsLoopback(plain.Address))
            yield return "Relay:AllowPlainAuth lets users of other machines AUTH without TLS";
        if (relay is { IsOn: true, AllowLoopbackTargets: true })
            yield return "Relay:AllowLoopbackTargets lets every user of the relay reach services of this machine";
    }

    private static IEnumerable<string> OfDomains(IConfiguration configuration)
    {
        var controlling = Section<ControllingOptions>(configuration, ControllingOptions.Section);
        foreach (var (key, value) in new[]
        {
            (nameof(controlling.ConferenceFactory), controlling.ConferenceFactory),
            (nameof(controlling.GroupDomain), controlling.GroupDomain),
        })
        {
            if (value.EndsWith("example.com", StringComparison.OrdinalIgnoreCase))
                yield return $"Controlling:{key} is {value}, the domain of the example";
        }
    }

    private static IEnumerable<string> OfDocuments(IConfiguration configuration)
    {
        var server = Section<XcapServerOptions>(configuration, XcapServerOptions.Section);
        for (var i = 0; i < server.TrustedProxies.Count; i++)
        {
            if (server.TrustedProxies[i].EndsWith("/0", StringComparison.Ordinal))
                yield return $"XcapServer:TrustedProxies:{i} is {server.TrustedProxies[i]}: whoever reaches the HTTP port"
                    + " is believed who he says he is";
        }

        var mode = Section<XdmOptions>(configuration, XdmOptions.Section).Mode;
        if (mode == XdmMode.Embedded && Section<XcapClientOptions>(configuration, XcapClientOptions.Section).Root.Length > 0)
            yield return "XcapClient:Root is set, but Xdm:Mode is Embedded: nobody asks there";
    }

    private static IEnumerable<string> OfUsers(IConfiguration configuration)
    {
        var participating = Section<ParticipatingOptions>(configuration, ParticipatingOptions.Section);
        var deferred = Section<DeferredOptions>(configuration, DeferredOptions.Section);
        var keeps = deferred is { Enabled: true } && (deferred.Uri.Length > 0 || deferred.GroupSessions);
        if (keeps && participating.Domains.Count == 0)
            yield return "Participating:Domains is empty: nobody is served, and nothing is kept for anybody who is away";
        if (keeps && participating is { Domains.Count: > 0, RegistrationSources: "None" })
            yield return "Participating:RegistrationSources is None: nobody counts as away, so nothing is kept for anybody";
    }

    private static T Section<T>(IConfiguration configuration, string section)
        where T : new() => configuration.GetSection(section).Get<T>() ?? new();
}
