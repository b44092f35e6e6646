namespace ImSidecar.Core.Conferences;

/// <summary>How a leg that lost its MSRP connection is to get one again, step by step, and until when.</summary>
public sealed record Reconnection(ReconnectionStage Stage, DateTimeOffset By)
{
    /// <summary>Re-INVITEs sent since the connection was lost.</summary>
    public int Proposals { get; init; }

    /// <summary>A connection came while our re-INVITE is out: nothing is wanted any more but its answer.</summary>
    public bool IsConnected { get; init; }
}

/// <summary>What a leg without connection waits for.</summary>
public enum ReconnectionStage
{
    /// <summary>The active side connects again by itself.</summary>
    Waiting,

    /// <summary>Our re-INVITE is out.</summary>
    Proposing,

    /// <summary>Our re-INVITE met one of the peer: it goes again after a pause, RFC 3261 14.1.</summary>
    Postponed,

    /// <summary>Our re-INVITE was accepted: this is the last time to connect.</summary>
    Connecting,
}
