using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace ImSidecar.Msrp.Transport;

/// <summary>What a connection shows of its peer, and whether that is enough for a leg, RFC 4975 14.4.</summary>
/// <param name="isAsked">Who connects is asked for his certificate.</param>
internal sealed class PeerProof(ConnectionContext connection, bool isAsked)
{
    private readonly ITlsConnectionFeature? _tls = connection.Features.Get<ITlsConnectionFeature>();

    // It has the TLS of HTTPS, be it before a proxy, and its path says that it is one.
    private readonly bool _isWebSocket = connection is WebSocketConnection;

    /// <summary>A leg that was agreed with TLS has TLS, and the peer whose certificate was told has that one.</summary>
    public bool IsEnoughFor(MsrpLeg leg)
    {
        if (_isWebSocket && IsWebSocket(leg))
            return true;

        if (leg.LocalUri.IsSecure && _tls is null)
            return false;

        return leg.Fingerprints.IsDefaultOrEmpty || !isAsked && _tls is not null
            || CertificateFingerprint.Matches(_tls?.ClientCertificate, leg.Fingerprints);
    }

    private static bool IsWebSocket(MsrpLeg leg) => leg.RemotePath.IsDefaultOrEmpty
        || !leg.RemotePath[0].Transport.Equals("tcp", StringComparison.OrdinalIgnoreCase);
}
