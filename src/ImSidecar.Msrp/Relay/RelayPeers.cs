using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using ImSidecar.Msrp.Transport;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Relay;

/// <summary>Other relays: those whose certificate is listed by name or fingerprint, RFC 4976 9.</summary>
internal sealed class RelayPeers(IOptions<RelayOptions> section, TlsIdentity tls)
{
    private readonly Derived<RelayOptions, Listed> _listed = new(section, options => new(
        [.. options.Peers.Where(each => each.Contains(' ', StringComparison.Ordinal))],
        [.. options.Peers.Where(each => !each.Contains(' ', StringComparison.Ordinal))]));

    /// <summary>The certificate, when it is that of a relay in the list.</summary>
    public X509Certificate2? Recognize(X509Certificate2? certificate)
    {
        var (fingerprints, names) = _listed.Value;
        if (certificate is null || fingerprints.IsEmpty && names.IsEmpty)
            return null;

        if (CertificateFingerprint.Matches(certificate, fingerprints))
            return certificate;

        return names.Any(name => certificate.MatchesHostname(name)) && tls.Believes(certificate) ? certificate : null;
    }

    private sealed record Listed(ImmutableArray<string> Fingerprints, ImmutableArray<string> Names);
}
