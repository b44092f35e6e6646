namespace ImSidecar.Msrp;

/// <summary>Something that happened to a leg.</summary>
public abstract record MsrpLegEvent
{
    private protected MsrpLegEvent(string sessionId) => SessionId = sessionId;

    public string SessionId { get; }
}

/// <summary>A connection is bound to the leg.</summary>
public sealed record MsrpLegConnected(string SessionId) : MsrpLegEvent(SessionId);

/// <summary>The leg has no connection any more, or never got one.</summary>
public sealed record MsrpLegLost(string SessionId, MsrpLoss Loss) : MsrpLegEvent(SessionId);

/// <summary>A SEND of ours got no answer in time, RFC 4975 7.1.1. Told once, until the peer answers again.</summary>
public sealed record MsrpLegUnresponsive(string SessionId) : MsrpLegEvent(SessionId);
