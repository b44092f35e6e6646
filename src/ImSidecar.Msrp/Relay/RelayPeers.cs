using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using ImSidecar.Msrp.Transport;

namespace ImSidecar.Msrp.Relay;

/// <summary>Other relays: those whose certificate is listed by name or fingerprint, RFC 4976 9.</summary>
internal sealed class RelayPeers(RelayOptions options, TlsIdentity tls)
{
    private readonly ImmutableArray<string> _fingerprints =
        [.. options.Peers.Where(each => each.Contains(' ', StringComparison.Ordinal))];

    private readonly ImmutableArray<string> _names =
        [.. options.Peers.Where(each => !each.Contains(' ', StringComparison.Ordinal))];

    /// <summary>The certificate, when it is that of a relay in the list.</summary>
    public X509Certificate2? Recognize(X509Certificate2? certificate)
    {
        if (certificate is null || options.Peers.Count == 0)
            return null;

        if (CertificateFingerprint.Matches(certificate, _fingerprints))
            return certificate;

        return _names.Any(name => certificate.MatchesHostname(name)) && tls.Believes(certificate) ? certificate : null;
    }
}
