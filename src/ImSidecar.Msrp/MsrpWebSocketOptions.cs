namespace ImSidecar.Msrp;

/// <summary>Section "MsrpWebSocket" of the configuration: MSRP for browsers, RFC 7977, on the HTTP port.</summary>
public sealed record MsrpWebSocketOptions
{
    public const string Section = "MsrpWebSocket";

    /// <summary>Where it is on the HTTP port; empty: nowhere.</summary>
    public string Path { get; init; } = "/msrp";

    /// <summary>As browsers reach it: ws://HOST[:PORT]/..., or wss by a proxy. Empty: Http:Listen.</summary>
    public string Announce { get; init; } = "";

    /// <summary>Origins of pages whose browsers are let in, each as a browser sends it; empty: all.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>One more is answered 503.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Upper size of one message, which is one chunk of MSRP; beyond it the connection is closed.</summary>
    public int MaxMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How often a peer that says nothing is asked whether it lives: a ping, RFC 6455 5.5.2.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long its pong may take.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Null when <see cref="Announce"/> is empty or no such URL.</summary>
    public Uri? AnnounceUri =>
        Uri.TryCreate(Announce, UriKind.Absolute, out var uri) && uri.Scheme is "ws" or "wss" ? uri : null;
}
