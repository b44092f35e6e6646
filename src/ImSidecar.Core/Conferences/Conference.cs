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

    public ConferencePhase Phase { get; init; }

    /// <summary>Revision of the last change that a subscriber can see.</summary>
    public long RosterRevision { get; init; }

    public string? Subject { get; init; }

    /// <summary>
    /// Header fields of the inviting request that every invitation repeats (Subject, Contribution-ID).
    /// </summary>
    public ImmutableArray<SipHeader> CarriedHeaders { get; init; } = [];

    /// <summary>The number the next participant or subscription gets.</summary>
    public int NextNumber { get; init; } = 1;

    public ImmutableDictionary<string, Participant> Participants { get; init; } =
        ImmutableDictionary<string, Participant>.Empty;

    public ImmutableDictionary<DialogId, Subscription> Subscriptions { get; init; } =
        ImmutableDictionary<DialogId, Subscription>.Empty;

    /// <summary>Who left, by entity, as long as a subscriber has not been told.</summary>
    public ImmutableDictionary<string, Departure> Departures { get; init; } =
        ImmutableDictionary<string, Departure>.Empty;

    /// <summary>Status codes of those who refused, each once, for the answer to the inviter.</summary>
    public ImmutableArray<int> RefusedWith { get; init; } = [];

    /// <summary>
    /// When a released conference is deleted; until then late requests of its dialogs are recognised.
    /// </summary>
    public DateTimeOffset? ForgetAt { get; init; }

    public bool IsOver => Phase is ConferencePhase.Releasing or ConferencePhase.Released;
}

/// <summary>How a session came about, IM 7.2.1.2.</summary>
public enum ConferenceKind
{
    OneToOne,
    AdHoc,
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
