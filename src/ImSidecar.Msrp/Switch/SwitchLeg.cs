using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>A leg as the switch knows it: what the host said, the connection it has. The table changes it.</summary>
internal sealed class SwitchLeg(
    MsrpLeg leg, Bridge bridge, TimeProvider clock, ArrivedMessages? arrived = null, SentMessages? sent = null)
{
    private volatile State _state = State.Of(leg);
    private volatile Outbox? _outbox;
    private volatile LegBinding? _binding;
    private volatile Bridge _bridge = bridge;
    private long _challengedAt;
    private bool _hasSpoken;

    public MsrpLeg Leg => _state.Leg;

    /// <summary>True once: for its first message.</summary>
    public bool BeginsToSpeak() => !_hasSpoken && (_hasSpoken = true);

    public string SessionId => _state.Leg.SessionId;

    public string Entity => EntityOf(_state.Leg);

    public AcceptedTypes Types => _state.Types;

    /// <summary>What we have told the peer that we take.</summary>
    public AcceptedTypes TakenTypes => _state.TakenTypes;

    /// <summary>It is known what we have told the peer that we take.</summary>
    public bool SaysWhatWeTake => _state.Leg.TakenTypes is { IsDefaultOrEmpty: false };

    /// <summary>What the peer said to the host; null: the leg does not end here.</summary>
    public ArrivedMessages? Arrived => arrived;

    /// <summary>What the host says to the peer; null: the leg does not end here.</summary>
    public SentMessages? Sent => sent;

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

    /// <summary>Where the peer was before he moved, while what is under way there comes to its end.</summary>
    public LegBinding? Former { get; set; }

    /// <summary>The session id of the path he had then; null: he has not moved.</summary>
    public string? FormerSession { get; set; }

    /// <summary>The request or answer comes from where the peer was before he moved.</summary>
    public bool IsFromFormer(MsrpHead head) =>
        FormerSession is { } former
        && head.FromPath is [.., { SessionId: { } session }]
        && session == former
        && !(Leg.RemotePath is [.., var now] && now.SessionId == session);

    /// <summary>The request comes from the peer through the relay of his path.</summary>
    public bool IsFromRelayOf(MsrpHead head) =>
        Leg.RemotePath is { IsDefault: false, Length: > 1 } path && path.AsSpan().SequenceEqual(head.FromPath.AsSpan());

    /// <summary>
    /// Other connections that came before the peer's path was known: of the phones that were asked, one answers first.
    /// And those of a relay, besides the one that we write to.
    /// </summary>
    public List<LegBinding> Rivals { get; } = [];

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
    public long WaitsSince { get; set; } = clock.GetTimestamp();

    /// <summary>Of the leg, not of its connection: a new one would be a way around it.</summary>
    public NicknameGate Nicknames { get; } = new(clock);

    /// <summary>What the peer has missed for it does not keep up.</summary>
    public MissedMessages Missed { get; } = new(clock);

    /// <summary>The peer lives on the connection the leg has.</summary>
    public void HasAnswered()
    {
        IsUnresponsive = false;
        ChallengedAt = 0;
    }

    private static string EntityOf(MsrpLeg leg) =>
        leg.Entity.Length > 0 || leg.Identities.IsEmpty ? leg.Entity : leg.Identities[0];

    public void Update(MsrpLeg next) => _state = State.Of(next);

    /// <summary>Whether this is a user the peer may speak as.</summary>
    public bool IsIdentity(UserKey key) => key.IsIn(_state.Identities);

    /// <summary>Whether this is who the peer is for the others.</summary>
    public bool IsEntity(UserKey key) => key.IsIn(_state.Entities);

    /// <summary>Whether who writes to this user means the peer: who hides is not there under his address.</summary>
    public bool IsKnownAs(UserKey key) => key.IsIn(_state.Leg.IsAnonymous ? _state.Entities : _state.Identities);

    /// <summary>Whether a text holds an address that the peer may speak as: who hides must not be told by it.</summary>
    public bool NamesPeer(string text)
    {
        foreach (var identity in _state.Leg.Identities)
        {
            if (!identity.EndsWith("anonymous.invalid", StringComparison.OrdinalIgnoreCase)
                && text.Contains(Bare(identity), StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static string Bare(string uri) => uri[(uri.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(';')[0];

    /// <summary>There may be more than two, and who writes says to whom.</summary>
    public bool IsInRoom => _state.Room.Count > 0;

    public bool IsRoom(UserKey key) => key.IsIn(_state.Room);

    private sealed record State(
        MsrpLeg Leg, AcceptedTypes Types, AcceptedTypes TakenTypes, HashSet<string> Identities,
        HashSet<string> Entities, HashSet<string> Room, MsrpPaths? Paths)
    {
        public static State Of(MsrpLeg leg) => new(
            leg,
            new(leg.AcceptTypes, leg.AcceptWrappedTypes),
            new(leg.TakenTypes, leg.TakenWrappedTypes),
            UserKey.All(leg.Identities),
            UserKey.All([EntityOf(leg)]),
            UserKey.All(leg.Room),
            leg.RemotePath.IsDefaultOrEmpty ? null : new(leg.RemotePath, leg.LocalUri));
    }
}
