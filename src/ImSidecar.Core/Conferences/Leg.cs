using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>One participant's dialog and MSRP path; RFC 3261 12.</summary>
public sealed record Leg
{
    public required LegState State { get; init; }

    public required string CallId { get; init; }

    public required string LocalTag { get; init; }

    /// <summary>Empty until the peer answered our INVITE.</summary>
    public string RemoteTag { get; init; } = "";

    /// <summary>Who rings, until he answers: all it takes to end an early dialog by BYE.</summary>
    public EarlyDialog? Early { get; init; }

    /// <summary>Our From or To value without tag.</summary>
    public required string LocalAddress { get; init; }

    public required string RemoteAddress { get; init; }

    /// <summary>The peer's Contact.</summary>
    public SipUri? RemoteTarget { get; init; }

    public ImmutableArray<string> RouteSet { get; init; } = [];

    /// <summary>CSeq of our last request in this dialog.</summary>
    public long LocalCSeq { get; init; }

    /// <summary>CSeq of the peer's last request; the INVITE's for a dialog the peer began.</summary>
    public long RemoteCSeq { get; init; } = -1;

    /// <summary>The peer's INVITE that waits for our final response or its ACK.</summary>
    public string? Transaction { get; init; }

    /// <summary>The 200 as sent: an INVITE that is repeated after its transaction ended gets it again.</summary>
    public Respond? Accepted { get; init; }

    /// <summary>The peer's re-INVITE that waits for its ACK.</summary>
    public PendingReinvite? Reinvite { get; init; }

    public required LegMedia Media { get; init; }

    /// <summary>Interval agreed with the peer, who refreshes; null without a session timer, RFC 4028.</summary>
    public TimeSpan? SessionInterval { get; init; }

    public DateTimeOffset? SessionExpiresAt { get; init; }

    /// <summary>When a missing ACK or a missing answer to our BYE is taken as never coming.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Set while the MSRP connection is missed: the active side has not connected again in its time.</summary>
    public Reconnection? Reconnection { get; init; }

    /// <summary>Methods of the peer's Allow header, IM 7.2.1.2/3; empty when it named none.</summary>
    public ImmutableArray<string> PeerAllows { get; init; } = [];

    /// <summary>Our answers to the peer's INVITE do not say who we are, RFC 3325 7: he is none of the core.</summary>
    public bool HidesIdentity { get; init; }

    /// <summary>The P-Charging-Vector of our answers to the peer's INVITE; null when it had none.</summary>
    public string? Charging { get; init; }

    /// <summary>Tags of those who answered our INVITE and left again before we heard of their 2xx.</summary>
    public ImmutableArray<string> LeftEarly { get; init; } = [];

    public DialogId Dialog => new(CallId, LocalTag, RemoteTag);
}

/// <summary>The dialog that a 180 to our INVITE has made; RFC 3261 12.1.</summary>
public sealed record EarlyDialog(string RemoteTag, SipUri RemoteTarget, ImmutableArray<string> RouteSet);

/// <summary>State of a leg's INVITE dialog.</summary>
public enum LegState
{
    /// <summary>The peer's INVITE waits for our answer.</summary>
    Offered,

    /// <summary>Our INVITE is out.</summary>
    Inviting,

    /// <summary>Our 200 is out, its ACK is awaited.</summary>
    Answering,
    Active,

    /// <summary>Our BYE is out.</summary>
    Ending,
}
