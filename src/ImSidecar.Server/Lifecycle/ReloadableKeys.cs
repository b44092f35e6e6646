using ImSidecar.Msrp;
using ImSidecar.Msrp.Relay;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Options;
using ImSidecar.Server.Telemetry.Logging;
using ImSidecar.Server.Xdm.Embedded;

namespace ImSidecar.Server.Lifecycle;

/// <summary>
/// Which keys a running process takes new values of; imsidecar.json says it too. Not those that others were told of,
/// that something was opened by, or by whose old values something is stored.
/// </summary>
internal static class ReloadableKeys
{
    private static readonly Dictionary<string, Func<string, bool>> _sections = new(StringComparer.OrdinalIgnoreCase)
    {
        [GatewayOptions.Section] = Only(nameof(GatewayOptions.NextHop), nameof(GatewayOptions.RetryAfter)),
        [OverloadOptions.Section] = Except(),
        [ControllingOptions.Section] = Except(
            nameof(ControllingOptions.ConferenceFactory), nameof(ControllingOptions.GroupDomain)),
        [ParticipatingOptions.Section] = Except(
            nameof(ParticipatingOptions.Domains), nameof(ParticipatingOptions.RegistrationSources)),
        [DeferredOptions.Section] = Except(nameof(DeferredOptions.Enabled), nameof(DeferredOptions.Uri)),
        [XdmOptions.Section] = Only(
            nameof(XdmOptions.Precedence), nameof(XdmOptions.ServiceName), nameof(XdmOptions.ReviewInterval)),
        [XcapServerOptions.Section] = Only(
            nameof(XcapServerOptions.TrustedProxies), nameof(XcapServerOptions.IdentityHeader),
            nameof(XcapServerOptions.Administrators), nameof(XcapServerOptions.Readers),
            nameof(XcapServerOptions.MembersMayRead), nameof(XcapServerOptions.MaxDocumentBytes),
            nameof(XcapServerOptions.MaxDocumentsPerUser), nameof(XcapServerOptions.MaxBytesPerUser),
            nameof(XcapServerOptions.MaxGroupsPerUser), nameof(XcapServerOptions.MaxRequests),
            nameof(XcapServerOptions.BodyTimeout)),
        [MsrpTlsOptions.Section] = Only(
            nameof(MsrpTlsOptions.CertificateFile), nameof(MsrpTlsOptions.KeyFile),
            nameof(MsrpTlsOptions.CertificateAuthorities), nameof(MsrpTlsOptions.ClientCertificates)),
        [RelayOptions.Section] = Only(
            nameof(RelayOptions.AllowPlainAuth), nameof(RelayOptions.MinExpires), nameof(RelayOptions.DefaultExpires),
            nameof(RelayOptions.MaxExpires), nameof(RelayOptions.MaxSessions), nameof(RelayOptions.MaxSessionsPerUser),
            nameof(RelayOptions.MaxSessionsPerAddress), nameof(RelayOptions.MaxBytesPerSecond),
            nameof(RelayOptions.MaxMessageBytes), nameof(RelayOptions.ReconnectWithin),
            nameof(RelayOptions.AllowedTargets), nameof(RelayOptions.AllowLoopbackTargets), nameof(RelayOptions.Peers),
            nameof(RelayOptions.OnlyPeers)),
        [LogLevels.Section] = Except(nameof(LogOptions.Format)),
    };

    /// <summary>"Section:Key", and for lists what follows.</summary>
    public static bool Contains(string key) =>
        key.Split(':') is [var section, var name, ..] && _sections.TryGetValue(section, out var isOne) && isOne(name);

    private static Func<string, bool> Only(params string[] names) => names.Contains;

    private static Func<string, bool> Except(params string[] names) => name => !names.Contains(name);
}
