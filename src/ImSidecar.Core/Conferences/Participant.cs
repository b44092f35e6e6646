using System.Collections.Immutable;
using System.Globalization;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>A user of the conference with his invitation and his leg; "p" + number within the conference.</summary>
public sealed record Participant
{
    public required string Id { get; init; }

    /// <summary>The order in which participants came into the conference.</summary>
    public int Number => int.Parse(Id.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The authenticated address of the inviter, the address in the list of an invitee.</summary>
    public required SipUri Address { get; init; }

    /// <summary>His other asserted addresses: who has a sip and a tel URI is one user under both, IM 5.1.</summary>
    public ImmutableArray<SipUri> OtherAddresses { get; init; } = [];

    /// <summary>He himself has asserted that address, or was invited by it.</summary>
    public bool IsAlso(SipUri address) =>
        Address.SamePerson(address) || OtherAddresses.Any(other => other.SamePerson(address));

    /// <summary>Another part that the same user has in the conference.</summary>
    public bool IsAlso(Participant other) => IsAlso(other.Address) || other.OtherAddresses.Any(IsAlso);

    /// <summary>What others see of him: his address, or an anonymous URI unique in the conference.</summary>
    public required string Entity { get; init; }

    public bool IsAnonymous { get; init; }

    /// <summary>The name he came with or was given, IM 5.5; what others see is for the rules to say.</summary>
    public string? DisplayName { get; init; }

    /// <summary>What he wants to be called in this session, RFC 7701 7; no two have the same.</summary>
    public string? Nickname { get; init; }

    public bool IsInviter { get; init; }

    /// <summary>A History Function: it records, and counts for no limit and no release, IM 7.2.1.4/3-NOTE.</summary>
    public bool IsHistory { get; init; }

    /// <summary>A key participant by the group document, IM 7.2.2.8.</summary>
    public bool IsKey { get; init; }

    /// <summary>How many addresses of required-participants-list are his.</summary>
    public int Requirements { get; init; }

    public required Leg Leg { get; init; }

    public Invitation Invitation { get; init; }

    /// <summary>Final status of a refused invitation.</summary>
    public int? Failure { get; init; }

    /// <summary>When an unanswered invitation is cancelled.</summary>
    public DateTimeOffset? AnswerBy { get; init; }

    /// <summary>Conference revision at which what others see of him last changed.</summary>
    public long ChangedAt { get; init; }

    public bool IsAttending => Leg.State is LegState.Answering or LegState.Active;

    /// <summary>The first of his deadlines.</summary>
    public DateTimeOffset? DueAt => new[]
    {
        AnswerBy, Leg.Deadline, Leg.SessionExpiresAt, Leg.Reconnection?.By, Leg.Reinvite?.AckBy,
    }.Min();

    public bool IsInvited => Invitation is Invitation.Pending or Invitation.Ringing;

    /// <summary>He counts against the limit of the session: in it, on his way in, or invited.</summary>
    public bool HasPlace => IsAttending || IsInvited || Leg.State == LegState.Offered;

    /// <summary>IM 7.9.1.1.5/2c-ii: connected or alerting; others are not shown.</summary>
    public bool IsShown => IsAttending || Leg.State == LegState.Ending || Invitation == Invitation.Ringing;
}

/// <summary>State of the INVITE we sent to a participant.</summary>
public enum Invitation
{
    None,
    Pending,
    Ringing,
    Accepted,

    /// <summary>CANCEL is out, its final response is awaited.</summary>
    Cancelling,
    Refused,
}
