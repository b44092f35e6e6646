using System.Net;
using ImSidecar.Protocol.Sip;
using ImSidecar.Tls;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Gateway;

/// <summary>Checks the section "Gateway" at start; each complaint names its key.</summary>
internal sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    // sun_path of a Unix socket address holds 108 bytes with its end.
    private const int MaxSocketPath = 107;

    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        List<string> failures = [];
        Check(nameof(options.Socket), Path.IsPathRooted(options.Socket) && options.Socket.Length <= MaxSocketPath,
            "must be an absolute path of at most 107 characters");
        Check(nameof(options.SocketGroup),
            options.SocketGroup.Length == 0 || UnixGroup.TryFind(options.SocketGroup, out _),
            $"\"{options.SocketGroup}\" is no group of this machine; make it, or leave the key empty");
        Check(nameof(options.Listen), options.Listen.Length == 0 || options.ListenEndPoint is not null,
            "must be ADDRESS:PORT");
        if (options.Listen.Length > 0)
            CheckTls();
        for (var i = 0; i < options.Names.Count; i++)
        {
            Check($"{nameof(options.Names)}:{i}", IsHost(options.Names[i]),
                "must be a DNS name or an IP address, without a wildcard");
        }

        Check(nameof(options.Node), options.Node.Length is > 0 and <= 100, "must be 1 to 100 characters");
        Check(nameof(options.Advertise), options.Advertise.Length == 0 || IsTarget(options.Advertise),
            "must be unix:/PATH, dns:NAME:PORT or ipv4:ADDRESS:PORT, as modparam \"target\"");
        Check(nameof(options.NextHop), options.NextHop.Length == 0 || IsLiteral(options.NextHop),
            "must be a SIP URI with an IP address, for Kamailio would block on a name");
        Check(nameof(options.MaxQueuedActions), options.MaxQueuedActions is >= 64 and <= 1_000_000,
            "must be 64 to 1000000");
        Check(nameof(options.GoneAfter), options.GoneAfter >= TimeSpan.FromSeconds(1) && options.GoneAfter <= TimeSpan.FromMinutes(10),
            "must be a second to ten minutes");
        Check(nameof(options.RetryAfter), options.RetryAfter >= TimeSpan.FromSeconds(1), "must be at least a second");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void CheckTls()
        {
            Check(nameof(options.CertificateFile), options.CertificateFile.Length > 0, "is needed by Gateway:Listen");
            Check(nameof(options.CertificateAuthorities), options.CertificateAuthorities.Length > 0,
                "is needed by Gateway:Listen: it says who may attach");
            var complaint = TlsMaterial.TryLoad(options.TlsFiles, out var material, out var error)
                ? material.Expiry(options.TlsFiles, DateTime.UtcNow) : error;
            if (complaint is not null)
                failures.Add(complaint);
        }

        void Check(string key, bool isValid, string rule)
        {
            if (!isValid)
                failures.Add($"{GatewayOptions.Section}:{key} {rule}");
        }
    }

    private static bool IsHost(string text) =>
        Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6;

    private static bool IsTarget(string text) =>
        text.Length <= 255 && (text.StartsWith("unix:/", StringComparison.Ordinal)
            || text.Split(':') is ["dns" or "ipv4", { Length: > 0 }, var port] && ushort.TryParse(port, out _)
            || text.StartsWith("ipv6:[", StringComparison.Ordinal) && IPEndPoint.TryParse(text[5..], out _));

    private static bool IsLiteral(string text) =>
        SipUri.TryParse(text, out var uri) && IPAddress.TryParse(uri.Host.Trim('[', ']'), out _);
}
