using System.Collections.Immutable;
using System.Globalization;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// A subscription to the conference event package, RFC 6665 and RFC 4575; "s" + number within the conference.
/// </summary>
public sealed record Subscription
{
    public required string Id { get; init; }

    /// <summary>The order in which subscriptions came into the conference.</summary>
    public int Number => TryReadNumber(Id, out var number) ? number : 0;

    public required DialogId Dialog { get; init; }

    public required SipUri Subscriber { get; init; }

    public required string LocalAddress { get; init; }

    public required string RemoteAddress { get; init; }

    public required SipUri RemoteTarget { get; init; }

    public required ImmutableArray<string> RouteSet { get; init; }

    public string? EventId { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>CSeq of our last NOTIFY.</summary>
    public long LocalCSeq { get; init; }

    public required long RemoteCSeq { get; init; }

    /// <summary>Version of the next document, one more for each document sent in this dialog.</summary>
    public uint Version { get; init; }

    /// <summary>Conference revision up to which this subscriber knows the roster.</summary>
    public long ToldUpTo { get; init; }

    /// <summary>Conference revision up to which this subscriber answered 200.</summary>
    public long HeardUpTo { get; init; }

    /// <summary>The next NOTIFY carries the full state: after SUBSCRIBE, refresh and a postponed NOTIFY.</summary>
    public bool OwesFullState { get; init; }

    /// <summary>The next NOTIFY says that he knows all there is, if he still does: RFC 5839 4.</summary>
    public bool OwesTag { get; init; }

    /// <summary>Least time between two NOTIFYs that he asked for and got, RFC 6446 4.</summary>
    public TimeSpan? Throttle { get; init; }

    /// <summary>Most time between two NOTIFYs that he asked for and got, RFC 6446 5.</summary>
    public TimeSpan? Repeat { get; init; }

    /// <summary>When the state is repeated though nothing has changed.</summary>
    public DateTimeOffset? RepeatAt { get; init; }

    /// <summary>When the rate limit allows the next NOTIFY.</summary>
    public DateTimeOffset NotBefore { get; init; }

    /// <summary>Set while a NOTIFY waits for its response: until when.</summary>
    public DateTimeOffset? AnswerBy { get; init; }

    /// <summary>Reason of the final NOTIFY that is due or under way; null while the subscription lives.</summary>
    public string? EndReason { get; init; }

    /// <summary>True once the final NOTIFY has been sent.</summary>
    public bool IsTold { get; init; }

    /// <summary>What the SUBSCRIBE has said is the same: only what came of it differs.</summary>
    public bool HasTermsOf(Subscription other) =>
        Id == other.Id
        && Dialog == other.Dialog
        && Subscriber == other.Subscriber
        && LocalAddress == other.LocalAddress
        && RemoteAddress == other.RemoteAddress
        && RemoteTarget == other.RemoteTarget
        && RouteSet == other.RouteSet
        && EventId == other.EventId;

    /// <summary>He does not know all that is to be seen.</summary>
    public bool IsBehind(long rosterRevision) =>
        OwesFullState || OwesTag || rosterRevision > ToldUpTo;

    /// <summary>When it wants attention next; the past: its last NOTIFY is to go.</summary>
    public DateTimeOffset DueAt(bool owesNews)
    {
        if (AnswerBy is { } answer)
            return answer;

        if (EndReason is not null)
            return IsTold ? ExpiresAt : DateTimeOffset.MinValue;

        var next = owesNews ? NotBefore : RepeatAt > NotBefore ? RepeatAt : RepeatAt is null ? null : NotBefore;
        return next < ExpiresAt ? next.Value : ExpiresAt;
    }

    public static bool TryReadNumber(string id, out int number)
    {
        number = 0;
        return id.Length > 1
            && id[0] == 's'
            && int.TryParse(id.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
