using System.Net;
using ImSidecar.Server.Options;
using ImSidecar.Tls;

namespace ImSidecar.Server.Gateway;

/// <summary>Section "Gateway": where Kamailio's module attaches, and where our own requests go.</summary>
internal sealed record GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>Unix socket the module attaches to.</summary>
    public string Socket { get; init; } = "/run/imsidecar/gateway.sock";

    /// <summary>Group that the socket is given to, with mode 0660; empty: the group of the process.</summary>
    public string SocketGroup { get; init; } = "";

    /// <summary>ADDRESS:PORT where a module of another machine attaches, with mutual TLS; empty: nowhere.</summary>
    public string Listen { get; init; } = "";

    /// <summary>PEM: our certificate for it, then those between it and its authority.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>PEM: its private key, not encrypted. Empty: it is in the file of the certificate.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>PEM: who has a certificate of these authorities may attach.</summary>
    public string CertificateAuthorities { get; init; } = "";

    /// <summary>One of these must be in that certificate; none: any name will do.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Name of this node in logs and towards Kamailio.</summary>
    public string Node { get; init; } = Environment.MachineName;

    /// <summary>
    /// Next hop of requests outside a dialog, a SIP URI with an IP literal; empty: Kamailio's core socket.
    /// </summary>
    public string NextHop { get; init; } = "";

    /// <summary>Actions that may wait for a stream that does not read.</summary>
    public int MaxQueuedActions { get; init; } = 16384;

    /// <summary>
    /// How long a Kamailio may be away while another one is attached; then what was in flight there has failed.
    /// </summary>
    public TimeSpan GoneAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Retry-After of a 503.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Null when <see cref="Listen"/> is no address with a port.</summary>
    public IPEndPoint? ListenEndPoint => HttpOptions.EndPointOf(Listen);

    public TlsFiles TlsFiles => new(Section, CertificateFile, KeyFile, CertificateAuthorities);
}
