namespace ImSidecar.Msrp;

/// <summary>What there is in the switch, for a host that comes back and for operators.</summary>
public interface IMsrpLegs
{
    /// <summary>The session ids of all legs.</summary>
    IReadOnlyCollection<string> SessionIds { get; }

    /// <summary>Connections, with or without a leg.</summary>
    int Connections { get; }

    /// <summary>The leg has a connection.</summary>
    bool IsConnected(string sessionId);
}
