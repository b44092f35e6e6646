using System.Collections.Immutable;

namespace ImSidecar.Core.Conferences;

/// <summary>Keeps each conference across restart and failover. One writer for each conference at a time.</summary>
public interface IConferenceStore
{
    ValueTask<StoredConference?> LoadAsync(AggregateId id, CancellationToken cancellation);

    /// <summary>
    /// Writes the changed parts and pending effects in one durable step; false when another writer was first.
    /// </summary>
    ValueTask<bool> TrySaveAsync(
        AggregateId id, long expectedRevision, ConferenceChanges changes, CancellationToken cancellation);

    /// <summary>Every conference not yet deleted: what a starting node loads and resumes.</summary>
    IAsyncEnumerable<AggregateId> ActiveAsync(CancellationToken cancellation);
}

/// <summary>A conference as saved, with the effects that were not yet struck off, in order.</summary>
public sealed record StoredConference(Conference Conference, ImmutableArray<PendingEffect> Pending);

/// <summary>An effect that was saved and is struck off once done; Number orders the effects of a conference.</summary>
public sealed record PendingEffect(long Number, Effect Effect);
