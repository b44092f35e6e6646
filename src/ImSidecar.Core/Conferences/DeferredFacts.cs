using System.Collections.Immutable;
using ImSidecar.Core.Deferred;

namespace ImSidecar.Core.Conferences;

/// <summary>What the rules of a session with the message store have to know besides the session.</summary>
public sealed record DeferredFacts
{
    /// <summary>What is kept for the user.</summary>
    public DeferredCount Waiting { get; init; }

    /// <summary>He can be reached by the service.</summary>
    public bool IsReachable { get; init; }

    /// <summary>The contact that he has registered last; null: it is not known.</summary>
    public string? Contact { get; init; }

    /// <summary>How he wants it, himself or by the operator's default.</summary>
    public DeferredDelivery Delivery { get; init; }

    /// <summary>The first message that is kept, where it goes as a MESSAGE; null: none, or it was not asked for.</summary>
    public DeferredMessage? Next { get; init; }

    /// <summary>Of the messages that a request names those that are kept.</summary>
    public ImmutableArray<long> Found { get; init; } = [];

    /// <summary>Sessions of this node in which messages are left or fetched.</summary>
    public int Sessions { get; init; }

    /// <summary>Those of them that the caller has.</summary>
    public int SessionsOfCaller { get; init; }

    /// <summary>When somebody who leaves messages has last said something, or this node has begun to listen.</summary>
    public DateTimeOffset? LastMessageAt { get; init; }

    /// <summary>The store could not be asked.</summary>
    public bool IsUnavailable { get; init; }
}
