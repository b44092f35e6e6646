using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Tests.Stores;

/// <summary>The contract in its simplest form, for tests of what stands on a store.</summary>
internal sealed class InMemoryConferenceStore : IAggregateStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<AggregateId, StoredAggregate> _stored = [];

    public int Saves { get; private set; }

    public int Count
    {
        get
        {
            lock (_gate)
                return _stored.Count;
        }
    }

    public ValueTask<StoredAggregate?> LoadAsync(AggregateId id, CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(_stored.GetValueOrDefault(id));
    }

    public ValueTask<bool> TrySaveAsync(
        AggregateId id, long expectedRevision, AggregateChanges changes, CancellationToken cancellation)
    {
        lock (_gate)
        {
            Saves++;
            var stored = _stored.GetValueOrDefault(id);
            if ((stored?.State.Revision ?? 0) != expectedRevision)
                return ValueTask.FromResult(false);

            if (changes.Head is null)
                _stored.Remove(id);
            else
                _stored[id] = new(Apply(stored?.State, changes), Pending(stored, changes));
            return ValueTask.FromResult(true);
        }
    }

    public async IAsyncEnumerable<AggregateId> ActiveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        ImmutableArray<AggregateId> ids;
        lock (_gate)
            ids = [.. _stored.Keys];

        foreach (var id in ids)
            yield return id;
        await ValueTask.CompletedTask;
    }

    /// <summary>The only conference there is.</summary>
    public async Task<StoredAggregate> SingleAsync()
    {
        var all = new List<StoredAggregate>();
        await foreach (var id in ActiveAsync(CancellationToken.None))
            all.Add((await LoadAsync(id, CancellationToken.None))!);
        return Assert.Single(all);
    }

    private static ImmutableArray<PendingEffect> Pending(StoredAggregate? stored, AggregateChanges changes)
    {
        var pending = (stored?.Pending ?? []).RemoveAll(effect => changes.DoneEffects.Contains(effect.Number));
        if (pending.IntersectBy(changes.AddedEffects.Select(effect => effect.Number), effect => effect.Number).Any())
            throw new InvalidOperationException("An effect of that number is there already");

        return [.. pending.AddRange(changes.AddedEffects).OrderBy(effect => effect.Number)];
    }

    private static Aggregate Apply(Aggregate? stored, AggregateChanges all)
    {
        if (all is MessageChanges { Head: PageMessage message } parts)
        {
            var former = (PageMessage?)stored;
            return message with
            {
                Content = parts.Content ?? former?.Content ?? PageContent.Empty,
                Recipients = (former?.Recipients ?? ImmutableDictionary<string, Recipient>.Empty)
                    .SetItems(parts.Recipients.Select(part => KeyValuePair.Create(part.Id, part))),
            };
        }

        if (all is not ConferenceChanges { Head: Conference head } changes)
            return all.Head!;

        var before = (Conference?)stored ?? head with
        {
            Participants = ParticipantTable.Empty,
            Subscriptions = SubscriptionTable.Empty,
            Departures = ImmutableDictionary<string, Departure>.Empty,
            Guests = ImmutableDictionary<string, Guest>.Empty,
        };
        return head with
        {
            Participants = changes.Participants.Aggregate(
                changes.RemovedParticipants.Aggregate(before.Participants, (table, id) => table.Remove(id)),
                (table, part) => table.Set(part)),
            Subscriptions = changes.Subscriptions.Concat(changes.ProgressedSubscriptions).Aggregate(
                changes.RemovedSubscriptions.Aggregate(
                    before.Subscriptions, (table, gone) => table.Remove(gone.Dialog)),
                (table, part) => table.Set(part)),
            Departures = before.Departures.RemoveRange(changes.RemovedDepartures)
                .SetItems(changes.Departures.Select(part => KeyValuePair.Create(part.Entity, part))),
            Guests = before.Guests.RemoveRange(changes.RemovedGuests)
                .SetItems(changes.Guests.Select(part => KeyValuePair.Create(part.Key, part))),
        };
    }
}
