namespace ImSidecar.Server.Gateway;

/// <summary>Section "Gateway": the socket Kamailio's module attaches to, and where our own requests go.</summary>
internal sealed record GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>Unix socket the module attaches to.</summary>
    public string Socket { get; init; } = "/run/imsidecar/gateway.sock";

    /// <summary>Group that the socket is given to, with mode 0660; empty: the group of the process.</summary>
    public string SocketGroup { get; init; } = "";

    /// <summary>Name of this node in logs and towards Kamailio.</summary>
    public string Node { get; init; } = Environment.MachineName;

    /// <summary>
    /// Next hop of requests outside a dialog, a SIP URI with an IP literal; empty: Kamailio's core socket.
    /// </summary>
    public string NextHop { get; init; } = "";

    /// <summary>Actions that may wait for a stream that does not read.</summary>
    public int MaxQueuedActions { get; init; } = 16384;

    /// <summary>Retry-After of a 503.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);
}
