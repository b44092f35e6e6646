using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Hosting;

/// <summary>What the rules know of our TLS: the certificate may be another one with the next event.</summary>
internal sealed class MediaIdentity(IMsrpIdentity identity, IOptions<MsrpOptions> options)
{
    private volatile SecureMedia? _last;

    /// <summary>Null: there is no TLS.</summary>
    public SecureMedia? Current
    {
        get
        {
            if (options.Value.TlsPort is not { } port || identity.Fingerprint is not { Length: > 0 } fingerprint)
                return null;

            var last = _last;
            return last?.Fingerprint == fingerprint ? last : _last = new(port, fingerprint);
        }
    }
}
