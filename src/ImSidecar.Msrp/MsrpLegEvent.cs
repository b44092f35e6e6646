namespace ImSidecar.Msrp;

/// <summary>Something that happened to a leg.</summary>
public abstract record MsrpLegEvent
{
    private protected MsrpLegEvent(string sessionId, string bridgeId) => (SessionId, BridgeId) = (sessionId, bridgeId);

    public string SessionId { get; }

    public string BridgeId { get; }
}

/// <summary>A connection is bound to the leg.</summary>
public sealed record MsrpLegConnected(string SessionId, string BridgeId) : MsrpLegEvent(SessionId, BridgeId);

/// <summary>The leg has no connection any more, or never got one.</summary>
public sealed record MsrpLegLost(string SessionId, string BridgeId, MsrpLoss Loss) : MsrpLegEvent(SessionId, BridgeId);

/// <summary>
/// The peer wants a nickname, or with an empty one none; he waits for <see cref="IMsrpSwitch.AnswerNickname"/>.
/// </summary>
public sealed record MsrpLegNickname(string SessionId, string BridgeId, string Transaction, string Nickname)
    : MsrpLegEvent(SessionId, BridgeId);

/// <summary>A SEND of ours got no answer in time, RFC 4975 7.1.1. Told once, until the peer answers again.</summary>
public sealed record MsrpLegUnresponsive(string SessionId, string BridgeId) : MsrpLegEvent(SessionId, BridgeId);
