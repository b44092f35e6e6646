using System.Collections.Immutable;

namespace ImSidecar.Core.Conferences;

/// <summary>What one save writes of an aggregate: its head, and what it owes.</summary>
public record AggregateChanges
{
    /// <summary>The aggregate to write the head of; null deletes it with all its parts.</summary>
    public required Aggregate? Head { get; init; }

    /// <summary>Of the head only the revision differs.</summary>
    public bool IsHeadSame { get; init; }

    public ImmutableArray<PendingEffect> AddedEffects { get; init; } = [];

    /// <summary>Numbers of effects that were performed.</summary>
    public ImmutableArray<long> DoneEffects { get; init; } = [];
}
