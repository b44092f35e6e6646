using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// A REFER whose sender wants to hear what comes of it: an implicit subscription, RFC 3515 2.4.4.
/// </summary>
public sealed record Referral
{
    /// <summary>Its dialog and its NOTIFYs; the id is "r" + number within the conference.</summary>
    public required Subscription Subscription { get; init; }

    /// <summary>The participant in whose INVITE dialog the REFER came; null: it has a dialog of its own.</summary>
    public string? Leg { get; init; }

    public required ImmutableArray<ReferralTarget> Targets { get; init; }

    /// <summary>Position of the target whose NOTIFY waits for its answer.</summary>
    public int? Telling { get; init; }
}

/// <summary>What came so far of the request to one target.</summary>
/// <param name="Participant">Id of the participant who is invited or removed; null: nothing was sent to him.</param>
public sealed record ReferralTarget(string? Participant, string Address, SipStatus Status)
{
    /// <summary>The sender of the REFER has been told this status.</summary>
    public bool IsTold { get; init; }
}
