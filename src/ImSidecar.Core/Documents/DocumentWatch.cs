using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Documents;

/// <summary>Our own subscription to documents of a remote XDMS, RFC 5875: one for all that are in use.</summary>
public sealed record DocumentWatch : Aggregate
{
    /// <summary>The most documents that one list names; more are not watched.</summary>
    public const int MaxDocuments = 500;

    /// <summary>The documents in use.</summary>
    public ImmutableArray<DocumentSelector> Wanted { get; init; } = [];

    /// <summary>Those that our last SUBSCRIBE named.</summary>
    public ImmutableArray<DocumentSelector> Asked { get; init; } = [];

    /// <summary>What the notifier has told, as it stands.</summary>
    public ImmutableArray<ToldDocument> Told { get; init; } = [];

    /// <summary>The next document list stands for all that is there, not for what has changed.</summary>
    public bool AwaitsFullState { get; init; }

    /// <summary>Null: not subscribed, and no SUBSCRIBE under way.</summary>
    public WatchDialog? Dialog { get; init; }

    /// <summary>While not subscribed, or refused what was asked within the dialog: when to ask again.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Since the last success.</summary>
    public int Failures { get; init; }

    /// <summary>What the notifier takes at least, when it has said so.</summary>
    public TimeSpan? MinDuration { get; init; }

    internal SubscriberState Subscriber => new(Dialog, RetryAt, Failures, MinDuration, IsWanted: !Wanted.IsEmpty);

    /// <summary>A change of the document would be told: it is there, and the notifier has told so.</summary>
    public bool IsWatching(DocumentSelector document) =>
        Dialog is { IsActive: true } && !AwaitsFullState && Told.Any(told => told.Document == document);

    /// <summary>Null: it is over.</summary>
    internal DocumentWatch? With(SubscriberState? next) => next is null ? null : this with
    {
        Dialog = next.Dialog,
        RetryAt = next.RetryAt,
        Failures = next.Failures,
        MinDuration = next.MinDuration,
    };
}
