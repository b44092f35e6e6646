namespace ImSidecar.Core.Conferences;

/// <summary>How a leg whose MSRP connection stays away is to get one again, step by step, and until when.</summary>
public sealed record Reconnection(ReconnectionStage Stage, DateTimeOffset By)
{
    /// <summary>Re-INVITEs sent since the connection is missed.</summary>
    public int Proposals { get; init; }

    /// <summary>A connection came while our re-INVITE is out: nothing is wanted any more but its answer.</summary>
    public bool IsConnected { get; init; }
}

/// <summary>What a leg without connection waits for.</summary>
public enum ReconnectionStage
{
    /// <summary>Our re-INVITE is out.</summary>
    Proposing,

    /// <summary>Our re-INVITE has to wait, for it met one of the peer, RFC 3261 14.1, or his first is not settled.</summary>
    Postponed,

    /// <summary>Our re-INVITE was accepted: this is the last time to connect.</summary>
    Connecting,
}
