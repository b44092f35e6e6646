using System.Collections.Immutable;

namespace ImSidecar.Core.Conferences;

/// <summary>Keeps each aggregate across restart and failover. One writer for each of them at a time.</summary>
public interface IAggregateStore
{
    ValueTask<StoredAggregate?> LoadAsync(AggregateId id, CancellationToken cancellation);

    /// <summary>
    /// Writes the changed parts and pending effects in one durable step; false when another writer was first.
    /// </summary>
    ValueTask<bool> TrySaveAsync(
        AggregateId id, long expectedRevision, AggregateChanges changes, CancellationToken cancellation);

    /// <summary>Every aggregate not yet deleted: what a starting node loads and resumes.</summary>
    IAsyncEnumerable<AggregateId> ActiveAsync(CancellationToken cancellation);

    /// <summary>The same, of these slots.</summary>
    IAsyncEnumerable<AggregateId> ActiveAsync(IReadOnlySet<Slot> slots, CancellationToken cancellation) =>
        ActiveAsync(cancellation).Where(id => slots.Contains(Slot.Of(id)));
}

/// <summary>An aggregate as saved, with the effects that were not yet struck off, in order.</summary>
public sealed record StoredAggregate(Aggregate State, ImmutableArray<PendingEffect> Pending);

/// <summary>An effect that was saved and is struck off once done; Number orders the effects of an aggregate.</summary>
public sealed record PendingEffect(long Number, Effect Effect);
