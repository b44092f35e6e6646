using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Notifications;

/// <summary>The dialog of a subscription of ours; RFC 6665 4.1.</summary>
public sealed record WatchDialog
{
    public required string CallId { get; init; }

    public required string LocalTag { get; init; }

    /// <summary>Empty until the notifier answered.</summary>
    public string RemoteTag { get; init; } = "";

    public required SipUri RemoteTarget { get; init; }

    public ImmutableArray<string> RouteSet { get; init; } = [];

    public long LocalCSeq { get; init; }

    /// <summary>CSeq of the last NOTIFY.</summary>
    public long RemoteCSeq { get; init; } = -1;

    /// <summary>Set while a SUBSCRIBE waits for its answer: until when.</summary>
    public DateTimeOffset? AnswerBy { get; init; }

    public DateTimeOffset? RefreshAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Our last SUBSCRIBE ends the subscription.</summary>
    public bool IsEnding { get; init; }

    public bool IsActive => ExpiresAt is not null && !IsEnding;

    /// <summary>A SUBSCRIBE is about to leave.</summary>
    internal WatchDialog Sent(Facts facts) => this with
    {
        LocalCSeq = LocalCSeq + 1,
        AnswerBy = facts.Now + facts.Operator.NoAnswer + facts.Operator.TransactionDeadline,
    };
}
