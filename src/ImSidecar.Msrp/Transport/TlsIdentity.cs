using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ImSidecar.Digest;
using ImSidecar.Tls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Transport;

/// <summary>
/// Who we are in TLS and whom we believe, RFC 4975 14. Files that change are read again: what connects from then on
/// sees the new certificate, what is connected goes on.
/// </summary>
internal sealed class TlsIdentity : IMsrpIdentity, IMsrpTls, IDisposable
{
    private const SslProtocols Versions = SslProtocols.Tls12 | SslProtocols.Tls13;

    private volatile MsrpTlsOptions _options;
    private static readonly TimeSpan _warnsBefore = TimeSpan.FromDays(14);

    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly MsrpTlsUse? _use;
    private ITimer? _timer;
    private (MsrpTlsOptions Options, TlsMaterial Material)? _prepared;
    private volatile TlsMaterial _material;
    private volatile string _fingerprint;
    private string _seen;
    private string _taken;
    private bool _isWarned;

    public TlsIdentity(
        IOptions<MsrpTlsOptions> options, TimeProvider clock, ILogger<TlsIdentity> log, MsrpTlsUse? use = null)
    {
        _options = options.Value;
        (_clock, _log, _use) = (clock, log, use);
        _seen = _taken = Stamp();
        if (!TlsMaterial.TryLoad(_options.FilesFor(_use), out var material, out var error))
            throw new OptionsValidationException(MsrpTlsOptions.Section, typeof(MsrpTlsOptions), [error]);

        (_material, _fingerprint) = (material, FingerprintOf(material));
        WarnOfEnd();
        Watch();
    }

    /// <summary>We have a certificate, so we can be the server.</summary>
    public bool IsConfigured => _material.Own is not null;

    /// <summary>Of our certificate as an a=fingerprint says it, RFC 8122 5; empty without.</summary>
    public string Fingerprint => _fingerprint;

    public DateTimeOffset? CertificateEnds => _material.Certificate?.NotAfter.ToUniversalTime();

    /// <summary>Who connects to us is asked for his certificate.</summary>
    public bool AsksPeers => _options.ClientCertificates != ClientCertificates.None;

    public TimeSpan HandshakeTimeout => _options.HandshakeTimeout;

    /// <summary>For who connects to us.</summary>
    /// <param name="requiresPeer">He must have a certificate of an authority that we believe; else it is as
    /// MsrpTls:ClientCertificates says, and any certificate will do: who needs to know looks at it.</param>
    public SslServerAuthenticationOptions ForServer(bool requiresPeer)
    {
        var material = _material;
        var asks = _options.ClientCertificates;
        return new()
        {
            ServerCertificateContext = material.Own
                ?? throw new InvalidOperationException("TLS needs MsrpTls:CertificateFile"),
            EnabledSslProtocols = Versions,
            ClientCertificateRequired = requiresPeer || asks != ClientCertificates.None,
            CertificateChainPolicy = material.ChainPolicy(),

            // A resumed session would be believed for what an earlier one has shown.
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => requiresPeer
                ? errors == SslPolicyErrors.None
                : certificate is not null || asks != ClientCertificates.Require,
        };
    }

    /// <summary>For who comes by HTTPS: nobody is asked who he is here.</summary>
    public SslServerAuthenticationOptions ForBrowsers() => new()
    {
        ServerCertificateContext = _material.Own
            ?? throw new InvalidOperationException("TLS needs MsrpTls:CertificateFile"),
        EnabledSslProtocols = Versions,
    };

    /// <summary>For a connection of ours.</summary>
    /// <param name="host">Whose certificate it must be, if there are no fingerprints.</param>
    /// <param name="fingerprints">What the peer's description says of his certificate, RFC 4975 14.4.</param>
    public SslClientAuthenticationOptions ForClient(string host, ImmutableArray<string> fingerprints)
    {
        var material = _material;
        return new()
        {
            TargetHost = host,
            EnabledSslProtocols = Versions,
            ClientCertificateContext = material.Own,
            CertificateChainPolicy = material.ChainPolicy(),
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => fingerprints.IsDefaultOrEmpty
                ? errors == SslPolicyErrors.None
                : CertificateFingerprint.Matches(certificate, fingerprints),
        };
    }

    /// <summary>An authority that we believe has signed it.</summary>
    public bool Believes(X509Certificate2 certificate)
    {
        using var chain = new X509Chain
        {
            ChainPolicy = _material.ChainPolicy(),
        };
        return chain.Build(certificate);
    }

    public string? Prepare(MsrpTlsOptions options)
    {
        if (!TlsMaterial.TryLoad(options.FilesFor(_use), out var material, out var error))
            return error;

        _prepared = (options, material);
        return null;
    }

    public void Take()
    {
        if (_prepared is not { } prepared)
            return;

        var before = _fingerprint;
        (_options, _material, _prepared) = (prepared.Options, prepared.Material, null);
        _fingerprint = FingerprintOf(_material);
        _seen = _taken = Stamp();
        _isWarned = false;
        if (before != _fingerprint)
            _log.CertificateTaken(_material.Certificate?.NotAfter.ToUniversalTime(), _fingerprint);
        WarnOfEnd();
        Watch();
    }

    /// <summary>Looks for changed files and takes them when they are at rest. The timer does it.</summary>
    public void Look()
    {
        WarnOfEnd();
        var before = _seen;
        _seen = Stamp();
        if (_seen == _taken || _seen != before)
            return;

        _taken = _seen;
        if (TlsMaterial.TryLoad(_options.FilesFor(_use), out var material, out var error))
        {
            (_material, _fingerprint) = (material, FingerprintOf(material));
            _isWarned = false;
            _log.CertificateTaken(material.Certificate?.NotAfter.ToUniversalTime(), Fingerprint);
        }
        else
        {
            _log.CertificateNotTaken(error);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Watch()
    {
        if (_seen.Length > 0)
            _timer ??= _clock.CreateTimer(_ => Look(), null, _options.ReloadInterval, _options.ReloadInterval);
    }

    private void WarnOfEnd()
    {
        if (_isWarned || _material.Certificate?.NotAfter.ToUniversalTime() is not { } end
            || end - _clock.GetUtcNow().UtcDateTime > _warnsBefore)
            return;

        _isWarned = true;
        _log.CertificateEnds(end);
    }

    private static string FingerprintOf(TlsMaterial material) =>
        material.Certificate is { } own ? CertificateFingerprint.Of(own) : "";

    // What there is to see of the files without reading them; empty: there are none to look at.
    private string Stamp() => string.Join('\n',
        _options.FilesFor(_use).Paths.Select(FileStamp.Target)
            .Select(file => file.Exists ? $"{file.LastWriteTimeUtc.Ticks} {file.Length}" : "none"));
}
