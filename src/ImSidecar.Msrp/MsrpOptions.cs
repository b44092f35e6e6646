using System.Net;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp;

/// <summary>Section "Msrp" of the configuration.</summary>
public sealed record MsrpOptions
{
    public const string Section = "Msrp";

    /// <summary>Address and port to listen on.</summary>
    public string Listen { get; init; } = "127.0.0.1:2855";

    /// <summary>Host that peers are told to connect to; null: the address listened on.</summary>
    public string? AnnounceHost { get; init; }

    /// <summary>Port that peers are told to connect to; null: the port listened on.</summary>
    public int? AnnouncePort { get; init; }

    /// <summary>Address and port to listen on with TLS; empty: there is no TLS.</summary>
    public string TlsListen { get; init; } = "";

    /// <summary>Port that peers are told to connect to by TLS; null: the port listened on.</summary>
    public int? AnnounceTlsPort { get; init; }

    public int MaxConnections { get; init; } = 20_000;

    public int MaxHeaderBytes { get; init; } = 16 * 1024;

    /// <summary>Upper size of a CPIM header block, which is held until it is whole.</summary>
    public int MaxCpimHeaderBytes { get; init; } = 8 * 1024;

    /// <summary>Upper size of a message; more is answered 413.</summary>
    public long MaxMessageBytes { get; init; } = 100L * 1024 * 1024;

    /// <summary>What all legs together may hold of messages that end here; beyond it they are answered 408.</summary>
    public long MaxHeldBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary>Upper size of a chunk we write.</summary>
    public int MaxChunkBytes { get; init; } = 64 * 1024;

    /// <summary>Interrupted messages one leg may have open; beyond it the one longest untouched is given up.</summary>
    public int MaxOpenMessages { get; init; } = 16;

    /// <summary>What may wait for one recipient before its messages are given up.</summary>
    public int MaxBacklogBytes { get; init; } = 1024 * 1024;

    /// <summary>How long a sender waits once for a recipient that lags while others keep up.</summary>
    public TimeSpan LagTolerance { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Who hears the bare text of what is said to several reads the name of who says it before it.</summary>
    public bool PlainTextNames { get; init; }

    /// <summary>How long a connection may be without a leg; and a leg without connection, if the host says nothing else.</summary>
    public TimeSpan BindTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may be silent before an empty SEND asks whether its peer lives; 0: it is not asked.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The same for the kernel, which asks the peer's kernel; 0: it does not.</summary>
    public TimeSpan TcpKeepAlive { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long what was sent may be without TCP's acknowledgement; 0: as long as the kernel wants.</summary>
    public TimeSpan TcpUserTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many messages in a minute one recipient may miss, for it does not keep up, before it loses its connection; 0:
    /// any number.
    /// </summary>
    public int MaxMissedMessages { get; init; } = 1000;

    /// <summary>How long a peer may read nothing of what waits for it.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a SEND of ours waits for its answer; RFC 4975 7.1.1.</summary>
    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may stay silent when another one asks for its session.</summary>
    public TimeSpan ChallengeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Null when <see cref="Listen"/> is no address with a port.</summary>
    public IPEndPoint? ListenEndPoint => EndPointOf(Listen);

    /// <summary>Null when <see cref="TlsListen"/> is no address with a port.</summary>
    public IPEndPoint? TlsListenEndPoint => EndPointOf(TlsListen);

    /// <summary>Where peers are told to connect to: a name, or an address without brackets.</summary>
    public string Host => AnnounceHost?.Trim('[', ']') ?? Required.Address.ToString();

    public int Port => AnnouncePort ?? Required.Port;

    /// <summary>Where peers are told to connect to by TLS; null: not at all.</summary>
    public int? TlsPort => AnnounceTlsPort ?? TlsListenEndPoint?.Port;

    private IPEndPoint Required => ListenEndPoint ?? throw new InvalidOperationException("Msrp:Listen is not valid");

    /// <summary>Our path URI for a session: where peers are told to connect to.</summary>
    public MsrpUri LocalUri(string sessionId) => new(Host, Port, sessionId);

    private static IPEndPoint? EndPointOf(string text) =>
        text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var endPoint) ? endPoint : null;
}
