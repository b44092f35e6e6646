using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;
using ImSidecar.Server.Stores.Format;

namespace ImSidecar.Server.Stores;

/// <summary>The rows that one save writes and deletes, encoded by the caller so that the writer only writes.</summary>
internal sealed class StoredChanges
{
    private StoredChanges()
    {
    }

    /// <summary>True deletes the aggregate with all its parts.</summary>
    public bool Deletes { get; private init; }

    public long Revision { get; private init; }

    /// <summary>Null: the head has not changed, but perhaps its revision.</summary>
    public byte[]? Head { get; private init; }

    public required IReadOnlyList<StoredPart> Written { get; init; }

    public required IReadOnlyList<(PartTable Table, object Key)> Removed { get; init; }

    public static StoredChanges Of(AggregateId id, long expectedRevision, AggregateChanges changes)
    {
        if (changes.Head is not { } head)
            return changes.AddedEffects.IsEmpty
                ? new() { Deletes = true, Written = [], Removed = [] }
                : throw new ArgumentException("Effects of a deleted aggregate would be lost", nameof(changes));

        if (head.Id != id || head.Revision < expectedRevision)
            throw new ArgumentException(
                $"Aggregate {head.Id} at {head.Revision} does not follow {id} at {expectedRevision}", nameof(changes));

        return new()
        {
            Revision = head.Revision,
            Head = expectedRevision > 0 && (changes.IsHeadSame || head.Revision == expectedRevision)
                ? null
                : StoredFormat.WriteHead(head),
            Written =
            [
                .. PartsOf(changes),
                .. changes.AddedEffects.Select(part => Part(PartTable.Effect, part.Number, part.Effect)),
            ],
            Removed =
            [
                .. RemovedFrom(changes),
                .. changes.DoneEffects.Select(key => (PartTable.Effect, (object)key)),
            ],
        };
    }

    private static IEnumerable<StoredPart> PartsOf(AggregateChanges changes) => changes switch
    {
        ConferenceChanges conference =>
        [
            .. conference.Participants.Select(part => Part(PartTable.Participant, part.Id, part)),
            .. conference.Subscriptions.Select(part =>
                Part(PartTable.Subscription, StoredValues.Key(part.Dialog), part)),
            .. conference.ProgressedSubscriptions.Select(part =>
                new StoredPart(PartTable.Progress, (long)part.Number, StoredFormat.WriteProgress(part))),
            .. conference.Departures.Select(part => Part(PartTable.Departure, part.Entity, part)),
            .. conference.Guests.Select(part => Part(PartTable.Guest, part.Key, part)),
        ],
        MessageChanges message =>
        [
            .. message.Content is { } content ? (StoredPart[])[Part(PartTable.Content, "", content)] : [],
            .. message.Recipients.Select(part => Part(PartTable.Recipient, part.Id, part)),
        ],
        _ => [],
    };

    private static IEnumerable<(PartTable Table, object Key)> RemovedFrom(AggregateChanges changes) =>
        changes is ConferenceChanges conference
            ?
            [
                .. conference.RemovedParticipants.Select(key => (PartTable.Participant, (object)key)),
                .. conference.RemovedSubscriptions.Select(part =>
                    (PartTable.Subscription, (object)StoredValues.Key(part.Dialog))),
                // What is written whole begins anew.
                .. conference.RemovedSubscriptions.Concat(conference.Subscriptions).Select(part =>
                    (PartTable.Progress, (object)(long)part.Number)),
                .. conference.RemovedDepartures.Select(key => (PartTable.Departure, (object)key)),
                .. conference.RemovedGuests.Select(key => (PartTable.Guest, (object)key)),
            ]
            : [];

    private static StoredPart Part<TPart>(PartTable table, object key, TPart part) =>
        new(table, key, StoredFormat.Write(part));
}

/// <summary>One row of a part: its table, its key within the conference, its body.</summary>
internal sealed record StoredPart(PartTable Table, object Key, byte[] Body)
{
    public static string Name(PartTable table) => table switch
    {
        PartTable.Participant => "participant",
        PartTable.Subscription => "subscription",
        PartTable.Departure => "departure",
        PartTable.Guest => "guest",
        PartTable.Content => "content",
        PartTable.Recipient => "recipient",
        PartTable.Progress => "progress",
        _ => "effect",
    };
}

/// <summary>The kinds of parts that have rows of their own; PostgreSQL stores their numbers.</summary>
internal enum PartTable
{
    Participant,
    Subscription,
    Departure,
    Guest,
    Content,
    Recipient,
    Progress,
    Effect,
}
