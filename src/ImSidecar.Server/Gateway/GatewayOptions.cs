using System.Net;
using System.Net.Sockets;
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

    /// <summary>
    /// Of several nodes: where a module reaches this one, as its "target"; empty: by Listen, or else by Socket.
    /// </summary>
    public string Advertise { get; init; } = "";

    /// <summary>Name of this node in logs and towards Kamailio; of several nodes each has another.</summary>
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

    /// <summary>What is advertised; by a Listen of all addresses, this machine's name.</summary>
    public string Target => Advertise.Length > 0 ? Advertise
        : ListenEndPoint is not { } listen ? "unix:" + Socket
        : IPAddress.Any.Equals(listen.Address) || IPAddress.IPv6Any.Equals(listen.Address)
            ? $"dns:{Environment.MachineName}:{listen.Port}"
        : listen.AddressFamily == AddressFamily.InterNetworkV6 ? $"ipv6:{listen}"
        : $"ipv4:{listen}";

    public TlsFiles TlsFiles => new(Section, CertificateFile, KeyFile, CertificateAuthorities);
}
