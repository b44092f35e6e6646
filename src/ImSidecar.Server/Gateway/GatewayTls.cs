using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImSidecar.Digest;
using ImSidecar.Tls;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Gateway;

/// <summary>
/// Who may attach over the network: a Kamailio with a certificate of our authorities, and with one of the names, if there
/// are any. The files are looked at for each connection: a new certificate counts from the next one on.
/// </summary>
internal sealed class GatewayTls(GatewayOptions options, ILogger<GatewayTls> logger)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly TimeSpan _handshake = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private TlsMaterial? _material;
    private string _read = "";
    private string _complained = "";

    /// <summary>Null: nobody attaches over the network, or there is no certificate that can be read.</summary>
    public DateTimeOffset? CertificateEnds
    {
        get
        {
            try
            {
                return options.ListenEndPoint is null
                    ? null : Current().Own?.TargetCertificate.NotAfter.ToUniversalTime();
            }
            catch (AuthenticationException)
            {
                return null;
            }
        }
    }

    public void Listen(KestrelServerOptions kestrel)
    {
        if (options.ListenEndPoint is not { } endPoint)
            return;

        kestrel.Listen(endPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = _handshake,
                OnConnection = _ => ValueTask.FromResult(ForConnection()),
            });
        });
    }

    private SslServerAuthenticationOptions ForConnection()
    {
        var material = Current();
        var policy = material.ChainPolicy();
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return new()
        {
            ServerCertificateContext = material.Own,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateRequired = true,
            CertificateChainPolicy = policy,
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => MayAttach(certificate, errors),
        };
    }

    // Files that are just being changed leave what was read before.
    private TlsMaterial Current()
    {
        lock (_gate)
        {
            var stamp = string.Join('\n', options.TlsFiles.Paths.Select(FileStamp.Target)
                .Select(file => file.Exists ? $"{file.FullName} {file.LastWriteTimeUtc.Ticks} {file.Length}" : "none"));
            if (_material is not null && stamp == _read)
                return _material;

            if (TlsMaterial.TryLoad(options.TlsFiles, out var material, out var error))
                (_material, _read) = (material, stamp);
            else if (_complained != stamp)
                Log.GatewayCertificateNotTaken(logger, error);
            _complained = error.Length > 0 ? stamp : "";
            return _material ?? throw new AuthenticationException(error);
        }
    }

    private bool MayAttach(X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 shown || errors != SslPolicyErrors.None)
        {
            Log.GatewayRefused(logger, certificate?.Subject ?? "nobody", errors.ToString());
            return false;
        }

        if (options.Names.Count == 0 || options.Names.Any(name => IsNamed(shown, name)))
            return true;

        Log.GatewayRefused(logger, shown.Subject, "none of Gateway:Names");
        return false;
    }

    // The name itself, as a subjectAltName: "*" of a whole domain is not this Kamailio, and a CN may be anything.
    private static bool IsNamed(X509Certificate2 shown, string name) =>
        shown.MatchesHostname(name, allowWildcards: false, allowCommonName: false);
}
