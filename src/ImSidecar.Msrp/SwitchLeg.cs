using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp;

/// <summary>A leg as the switch knows it: what the host said, the connection it has. The table changes it.</summary>
internal sealed class SwitchLeg(MsrpLeg leg, Bridge bridge, long waitsSince)
{
    private volatile State _state = State.Of(leg);
    private volatile Outbox? _outbox;
    private volatile LegBinding? _binding;
    private volatile Bridge _bridge = bridge;
    private long _challengedAt;

    public MsrpLeg Leg => _state.Leg;

    public string SessionId => _state.Leg.SessionId;

    public AcceptedTypes Types => _state.Types;

    /// <summary>Null while the remote path is not known.</summary>
    public MsrpPaths? Paths => _state.Paths;

    public Bridge Bridge
    {
        get => _bridge;
        set => _bridge = value;
    }

    /// <summary>Where messages for the peer go; null when it is not connected and not expected to be.</summary>
    public Outbox? Outbox
    {
        get => _outbox;
        set => _outbox = value;
    }

    /// <summary>The connection the leg has.</summary>
    public LegBinding? Binding
    {
        get => _binding;
        set => _binding = value;
    }

    /// <summary>A connection is being made.</summary>
    public bool IsConnecting { get; set; }

    /// <summary>We are to make a connection and there is none.</summary>
    public bool MustConnect => Leg.Connects && Paths is not null && Binding is null;

    /// <summary>The host was told that the peer does not answer.</summary>
    public bool IsUnresponsive { get; set; }

    /// <summary>When the connection was asked whether it lives, for another one wants its place; 0: it was not.</summary>
    public long ChallengedAt
    {
        get => Interlocked.Read(ref _challengedAt);
        set => Interlocked.Exchange(ref _challengedAt, value);
    }

    /// <summary>Since when the leg waits for a connection.</summary>
    public long WaitsSince { get; set; } = waitsSince;

    /// <summary>The peer lives on the connection the leg has.</summary>
    public void HasAnswered()
    {
        IsUnresponsive = false;
        ChallengedAt = 0;
    }

    public void Update(MsrpLeg next) => _state = State.Of(next);

    /// <summary>Whether this is a user the peer may speak as; the key is one of <see cref="UserKey"/>.</summary>
    public bool IsIdentity(string key) => _state.Identities.Contains(key);

    private sealed record State(MsrpLeg Leg, AcceptedTypes Types, HashSet<string> Identities, MsrpPaths? Paths)
    {
        public static State Of(MsrpLeg leg) => new(
            leg,
            new(leg.AcceptTypes, leg.AcceptWrappedTypes),
            [.. leg.Identities.Select(UserKey.Of)],
            leg.RemotePath.IsDefaultOrEmpty ? null : new(leg.RemotePath, leg.LocalUri));
    }
}
