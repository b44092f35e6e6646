using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>The parts of a conference that differ from what is stored: what one save writes, and no more.</summary>
public sealed record ConferenceChanges : AggregateChanges
{
    public ImmutableArray<Participant> Participants { get; init; } = [];

    public ImmutableArray<string> RemovedParticipants { get; init; } = [];

    public ImmutableArray<Subscription> Subscriptions { get; init; } = [];

    public ImmutableArray<DialogId> RemovedSubscriptions { get; init; } = [];

    public ImmutableArray<Departure> Departures { get; init; } = [];

    public ImmutableArray<string> RemovedDepartures { get; init; } = [];

    public ImmutableArray<Guest> Guests { get; init; } = [];

    public ImmutableArray<string> RemovedGuests { get; init; } = [];

    /// <summary>Compares by reference: a rule that touched a part has made a new one.</summary>
    public static ConferenceChanges Between(Conference? before, Conference? after)
    {
        if (after is null)
            return new() { Head = null };

        var participants = before?.Participants ?? ParticipantTable.Empty;
        var subscriptions = before?.Subscriptions ?? SubscriptionTable.Empty;
        var departures = before?.Departures ?? ImmutableDictionary<string, Departure>.Empty;
        var guests = before?.Guests ?? ImmutableDictionary<string, Guest>.Empty;
        return new()
        {
            Head = after,
            Participants = Changed(participants.All, after.Participants.All),
            RemovedParticipants = Removed(participants.All, after.Participants.All),
            Subscriptions = Changed(subscriptions.All, after.Subscriptions.All),
            RemovedSubscriptions = [.. Removed(subscriptions.All, after.Subscriptions.All)
                .Select(number => subscriptions.All[number].Dialog)],
            Departures = Changed(departures, after.Departures),
            RemovedDepartures = Removed(departures, after.Departures),
            Guests = Changed(guests, after.Guests),
            RemovedGuests = Removed(guests, after.Guests),
        };
    }

    private static ImmutableArray<T> Changed<TKey, T>(
        ImmutableDictionary<TKey, T> before, ImmutableDictionary<TKey, T> after)
        where TKey : notnull
        where T : class =>
        ReferenceEquals(before, after)
            ? []
            : [.. after.Where(part => !ReferenceEquals(before.GetValueOrDefault(part.Key), part.Value))
                .Select(part => part.Value)];

    private static ImmutableArray<TKey> Removed<TKey, T>(
        ImmutableDictionary<TKey, T> before, ImmutableDictionary<TKey, T> after)
        where TKey : notnull =>
        ReferenceEquals(before, after) ? [] : [.. before.Keys.Where(key => !after.ContainsKey(key))];
}
