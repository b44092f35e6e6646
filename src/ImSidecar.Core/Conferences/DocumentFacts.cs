using System.Collections.Immutable;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Conferences;

/// <summary>What the rules of a subscription to documents have to know of the documents it names.</summary>
public sealed record DocumentFacts
{
    /// <summary>False when the documents are another server's.</summary>
    public bool AreOurs { get; init; } = true;

    /// <summary>The XCAP root by which clients know the documents.</summary>
    public required string Root { get; init; }

    /// <summary>Those of the named ones that exist; null when that cannot be said now.</summary>
    public ImmutableArray<KnownDocument>? Known { get; init; }

    /// <summary>The subscriber may look up every group by its URI.</summary>
    public bool MayLookUpGroups { get; init; }

    /// <summary>The subscriber may read every document.</summary>
    public bool IsAdministrator { get; init; }

    /// <summary>Subscriptions to documents that the subscriber, and that the node has already.</summary>
    public int OfSubscriber { get; init; }

    public int OfNode { get; init; }
}

/// <summary>A document that exists; the owner is a user in canonical form, also of a group found by its URI.</summary>
public sealed record KnownDocument(DocumentSelector Document, string ETag, string Owner);
