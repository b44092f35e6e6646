namespace ImSidecar.Msrp.Switch;

/// <summary>One leg on one connection, from the request that bound it to the end of either.</summary>
internal sealed class LegBinding(SwitchLeg leg, MsrpConnection connection, MsrpOptions options)
{
    private volatile bool _isOver;

    public SwitchLeg Leg => leg;

    /// <summary>The session id that the peer who asked for it gives himself; null: we have connected.</summary>
    public string? PeerSession { get; init; }

    /// <summary>He is who the leg is for, as far as that is known.</summary>
    public bool IsPeers => connection.MayServe(leg.Leg)
        && (leg.Leg.RemotePath is not [.., { SessionId: { } session }] || PeerSession is null
            || session == PeerSession);

    public MsrpConnection Connection => connection;

    /// <summary>Touched by the connection's reader only.</summary>
    public IMessageTaker Taker { get; } = leg.Arrived is null
        ? new MessageRelay(leg, connection, options) : new MessageKeeper(leg, connection, options);

    /// <summary>What is written here; null while the peer's path is not known.</summary>
    public Outbox? Outbox { get; set; }

    /// <summary>When something last came by it.</summary>
    public long UsedAt { get; set; }

    public bool IsOver => _isOver;

    public void End() => _isOver = true;
}
