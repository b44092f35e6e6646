using System.Collections.Immutable;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// The focus and all it holds, RFC 4353: an immutable value that only <see cref="ConferenceMachine"/> replaces.
/// </summary>
public sealed record Conference : Aggregate
{
    /// <summary>The IM Session Identity: Contact of every dialog of ours, target of SUBSCRIBE.</summary>
    public required SipUri SessionIdentity { get; init; }

    public required ConferenceKind Kind { get; init; }

    /// <summary>The IM Group Identity of a pre-defined group; null for ad-hoc and one-to-one sessions.</summary>
    public SipUri? GroupIdentity { get; init; }

    /// <summary>The name that the group document gives the group.</summary>
    public string? GroupName { get; init; }

    /// <summary>The most participants by the group document as last read; null: it names none.</summary>
    public int? MaxParticipants { get; init; }

    /// <summary>What session-active-policy of a group asks; null for ad-hoc and one-to-one sessions.</summary>
    public SessionConditions? Conditions { get; init; }

    public ConferencePhase Phase { get; init; }

    /// <summary>Revision of the last change that a subscriber can see.</summary>
    public long RosterRevision { get; init; }

    /// <summary>Revision of the last change of what describes the session: its name, its limit.</summary>
    public long DescribedAt { get; init; }

    public string? Subject { get; init; }

    /// <summary>
    /// Header fields of the inviting request that every invitation repeats (Subject, Contribution-ID).
    /// </summary>
    public ImmutableArray<SipHeader> CarriedHeaders { get; init; } = [];

    /// <summary>The number the next participant or subscription gets.</summary>
    public int NextNumber { get; init; } = 1;

    public ParticipantTable Participants { get; init; } = ParticipantTable.Empty;

    public SubscriptionTable Subscriptions { get; init; } = SubscriptionTable.Empty;

    /// <summary>REFERs whose senders are told what comes of them, by subscription id.</summary>
    public ImmutableDictionary<string, Referral> Referrals { get; init; } =
        ImmutableDictionary<string, Referral>.Empty;

    /// <summary>Who left, by entity, as long as a subscriber has not been told.</summary>
    public ImmutableDictionary<string, Departure> Departures { get; init; } =
        ImmutableDictionary<string, Departure>.Empty;

    /// <summary>Who may come in again, by person key; none in a pre-defined group, whose document says it.</summary>
    public ImmutableDictionary<string, Guest> Guests { get; init; } = ImmutableDictionary<string, Guest>.Empty;

    /// <summary>Status codes of those who refused, each once, for the answer to the inviter.</summary>
    public ImmutableArray<int> RefusedWith { get; init; } = [];

    /// <summary>
    /// When a released conference is deleted; until then late requests of its dialogs are recognised.
    /// </summary>
    public DateTimeOffset? ForgetAt { get; init; }

    /// <summary>More than two may attend: clients are told that they talk to a focus.</summary>
    public bool IsGroup => Kind != ConferenceKind.OneToOne;

    /// <summary>Who hides behind its invitations; null: nobody.</summary>
    public SipUri? HiddenInviter => this.Inviter() is { IsAnonymous: true } inviter ? inviter.Address : null;

    public bool IsOver => Phase is ConferencePhase.Releasing or ConferencePhase.Released;
}

/// <summary>How a session came about, IM 7.2.1.2 and IM 7.2.1.3.</summary>
public enum ConferenceKind
{
    OneToOne,
    AdHoc,

    /// <summary>A pre-defined group whose members are invited when the session starts.</summary>
    PreArranged,

    /// <summary>A pre-defined group that invites nobody: who may, joins.</summary>
    Chat,
}

/// <summary>The life of a session: nobody accepted yet, in progress, BYEs and last NOTIFYs under way, over.</summary>
public enum ConferencePhase
{
    Inviting,
    Active,
    Releasing,
    Released,
}

/// <summary>A participant who left after he was shown in the roster, IM 7.9.1.1.5/2c-ii-B.</summary>
public sealed record Departure(
    string Entity, string? DisplayName, string Endpoint, DisconnectionMethod Method, long Revision);
