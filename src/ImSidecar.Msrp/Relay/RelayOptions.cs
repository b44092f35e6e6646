using System.Net;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Relay;

/// <summary>Section "Relay" of the configuration: the MSRP relay, RFC 4976.</summary>
public sealed record RelayOptions
{
    public const string Section = "Relay";

    /// <summary>Address and port for TCP; empty: none.</summary>
    public string Listen { get; init; } = "";

    /// <summary>Address and port for TLS; empty: none.</summary>
    public string TlsListen { get; init; } = "";

    /// <summary>Our host in Use-Path; null: the address listened on.</summary>
    public string? AnnounceHost { get; init; }

    public int? AnnouncePort { get; init; }

    public int? AnnounceTlsPort { get; init; }

    /// <summary>user:realm:HA1 on each line.</summary>
    public string DigestFile { get; init; } = "";

    public string Realm { get; init; } = "example.com";

    public TimeSpan NonceLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wrong passwords of one user from one address, each minute.</summary>
    public int MaxFailures { get; init; } = 10;

    /// <summary>AUTH is answered over TCP too; RFC 4976 wants TLS.</summary>
    public bool AllowPlainAuth { get; init; }

    public TimeSpan MinExpires { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What a client gets that asks for nothing else.</summary>
    public TimeSpan DefaultExpires { get; init; } = TimeSpan.FromMinutes(15);

    public TimeSpan MaxExpires { get; init; } = TimeSpan.FromHours(1);

    public int MaxConnections { get; init; } = 20_000;

    public int MaxSessions { get; init; } = 20_000;

    public int MaxSessionsPerUser { get; init; } = 50;

    public int MaxSessionsPerAddress { get; init; } = 1000;

    /// <summary>What one session may carry, both ways together; 0: any amount.</summary>
    public long MaxBytesPerSecond { get; init; }

    public int MaxHeaderBytes { get; init; } = 16 * 1024;

    /// <summary>Upper size of a message; more is answered 413.</summary>
    public long MaxMessageBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>What may wait for one next hop before its senders are not read from.</summary>
    public int MaxBacklogBytes { get; init; } = 256 * 1024;

    /// <summary>SENDs one next hop may leave unanswered before its senders are not read from.</summary>
    public int MaxPendingSends { get; init; } = 16 * 1024;

    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may be of no use to any session.</summary>
    public TimeSpan BindTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a peer may read nothing of what waits for it.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a session outlives the connection of its client.</summary>
    public TimeSpan ReconnectWithin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>After this a connection of ours that no session uses is closed.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Hosts and ports we may connect to, next hops not among them are answered 403; empty: any.</summary>
    public IReadOnlyList<string> AllowedTargets { get; init; } = [];

    /// <summary>Next hops may be on this machine.</summary>
    public bool AllowLoopbackTargets { get; init; }

    /// <summary>Other relays, by the name or the fingerprint of their certificate.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>Who is neither a client with AUTH nor a peer relay may send nothing.</summary>
    public bool OnlyPeers { get; init; }

    /// <summary>Null when there is none, or it is no address with a port.</summary>
    public IPEndPoint? ListenEndPoint => EndPoint(Listen);

    public IPEndPoint? TlsListenEndPoint => EndPoint(TlsListen);

    public bool IsOn => Listen.Length > 0 || TlsListen.Length > 0;

    private static IPEndPoint? EndPoint(string text) =>
        text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var endPoint) ? endPoint : null;

    /// <summary>Our URI for a session; one over TLS is reached by TLS, if there is.</summary>
    internal MsrpUri LocalUri(bool isSecure, string sessionId)
    {
        isSecure = isSecure && TlsListenEndPoint is not null || ListenEndPoint is null;
        var listen = (isSecure ? TlsListenEndPoint : ListenEndPoint)
            ?? throw new InvalidOperationException("Relay:Listen is not valid");
        var port = (isSecure ? AnnounceTlsPort : AnnouncePort) ?? listen.Port;
        return new(AnnounceHost ?? listen.Address.ToString(), port, sessionId, isSecure: isSecure);
    }

    /// <summary>True for a URI that leads to us.</summary>
    internal bool IsOurs(MsrpUri uri)
    {
        var listen = uri.IsSecure ? TlsListenEndPoint : ListenEndPoint;
        return listen is not null
            && uri.EffectivePort == ((uri.IsSecure ? AnnounceTlsPort : AnnouncePort) ?? listen.Port)
            && uri.Host.Equals(AnnounceHost ?? listen.Address.ToString(), StringComparison.OrdinalIgnoreCase);
    }
}
