using ImSidecar.Core.Conferences;
using ImSidecar.Server.Stores.Format;

namespace ImSidecar.Server.Stores;

/// <summary>The rows that one save writes and deletes, encoded by the caller so that the writer only writes.</summary>
internal sealed class StoredChanges
{
    private StoredChanges()
    {
    }

    /// <summary>True deletes the conference with all its parts.</summary>
    public bool Deletes { get; private init; }

    public long Revision { get; private init; }

    /// <summary>Null: the head has not changed.</summary>
    public byte[]? Head { get; private init; }

    public required IReadOnlyList<StoredPart> Written { get; init; }

    public required IReadOnlyList<(PartTable Table, object Key)> Removed { get; init; }

    public static StoredChanges Of(AggregateId id, long expectedRevision, ConferenceChanges changes)
    {
        if (changes.Head is not { } head)
            return changes.AddedEffects.IsEmpty
                ? new() { Deletes = true, Written = [], Removed = [] }
                : throw new ArgumentException("Effects of a deleted conference would be lost", nameof(changes));

        if (head.Id != id || head.Revision < expectedRevision)
            throw new ArgumentException(
                $"Conference {head.Id} at {head.Revision} does not follow {id} at {expectedRevision}", nameof(changes));

        return new()
        {
            Revision = head.Revision,
            Head = head.Revision == expectedRevision && expectedRevision > 0 ? null : StoredFormat.Write(head),
            Written =
            [
                .. changes.Participants.Select(part => Part(PartTable.Participant, part.Id, part)),
                .. changes.Subscriptions.Select(part =>
                    Part(PartTable.Subscription, StoredValues.Key(part.Dialog), part)),
                .. changes.Departures.Select(part => Part(PartTable.Departure, part.Entity, part)),
                .. changes.AddedEffects.Select(part => Part(PartTable.Effect, part.Number, part.Effect)),
            ],
            Removed =
            [
                .. changes.RemovedParticipants.Select(key => (PartTable.Participant, (object)key)),
                .. changes.RemovedSubscriptions.Select(key => (PartTable.Subscription, (object)StoredValues.Key(key))),
                .. changes.RemovedDepartures.Select(key => (PartTable.Departure, (object)key)),
                .. changes.DoneEffects.Select(key => (PartTable.Effect, (object)key)),
            ],
        };
    }

    private static StoredPart Part<TPart>(PartTable table, object key, TPart part) =>
        new(table, key, StoredFormat.Write(part));
}

/// <summary>One row of a part: its table, its key within the conference, its body.</summary>
internal sealed record StoredPart(PartTable Table, object Key, byte[] Body);

/// <summary>The kinds of parts that have rows of their own.</summary>
internal enum PartTable
{
    Participant,
    Subscription,
    Departure,
    Effect,
}
