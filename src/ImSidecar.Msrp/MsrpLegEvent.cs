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

/// <summary>
/// A whole message came on a leg that ends here; its last SEND waits for <see cref="IMsrpSwitch.AnswerMessage"/>. Head:
/// start line and fields of its first chunk, as they came. Told again under another token when the peer sends it again.
/// </summary>
public sealed record MsrpMessageArrived(
    string SessionId, string BridgeId, long Token, string MessageId, string ContentType, ReadOnlyMemory<byte> Head,
    ReadOnlyMemory<byte> Body) : MsrpLegEvent(SessionId, BridgeId);

/// <summary>
/// The peer has answered a message of the host: 200 when it has all of it, 0 when that will not be known, for its
/// connection is lost or no answer came in time. Told once for each that was taken.
/// </summary>
public sealed record MsrpMessageSettled(string SessionId, string BridgeId, string MessageId, int Status)
    : MsrpLegEvent(SessionId, BridgeId);

/// <summary>
/// A REPORT tells what became of a message of the host that asked for it; 200: he for whom it is has all of it. It may
/// come before the message is settled.
/// </summary>
public sealed record MsrpMessageReported(string SessionId, string BridgeId, string MessageId, int Status)
    : MsrpLegEvent(SessionId, BridgeId);
