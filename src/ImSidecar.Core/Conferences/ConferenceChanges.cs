using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>The parts of a conference that differ from what is stored: what one save writes, and no more.</summary>
public sealed record ConferenceChanges : AggregateChanges
{
    public ImmutableArray<Participant> Participants { get; init; } = [];

    public ImmutableArray<string> RemovedParticipants { get; init; } = [];

    /// <summary>New, or with other terms.</summary>
    public ImmutableArray<Subscription> Subscriptions { get; init; } = [];

    /// <summary>The others that differ: a wave of NOTIFYs changes ten thousand of them in what came of it.</summary>
    public ImmutableArray<Subscription> ProgressedSubscriptions { get; init; } = [];

    public ImmutableArray<Subscription> RemovedSubscriptions { get; init; } = [];

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
        var (changed, progressed, removed) = Differences(subscriptions.All, after.Subscriptions.All);
        var guests = before?.Guests ?? ImmutableDictionary<string, Guest>.Empty;
        return new()
        {
            Head = after,
            IsHeadSame = before is not null && before == WithPartsOf(after, before),
            Participants = Changed(participants.All, after.Participants.All),
            RemovedParticipants = Removed(participants.All, after.Participants.All),
            Subscriptions = changed,
            ProgressedSubscriptions = progressed,
            RemovedSubscriptions = removed,
            Departures = Changed(departures, after.Departures),
            RemovedDepartures = Removed(departures, after.Departures),
            Guests = Changed(guests, after.Guests),
            RemovedGuests = Removed(guests, after.Guests),
        };
    }

    private static Conference WithPartsOf(Conference after, Conference before) => after with
    {
        Revision = before.Revision,
        Participants = before.Participants,
        Subscriptions = before.Subscriptions,
        Departures = before.Departures,
        Guests = before.Guests,
    };

    private static (ImmutableArray<Subscription> Changed, ImmutableArray<Subscription> Progressed,
        ImmutableArray<Subscription> Removed) Differences(
        NumberedTree<Subscription> before, NumberedTree<Subscription> after)
    {
        if (ReferenceEquals(before, after))
            return ([], [], []);

        List<Subscription> changed = [], progressed = [], removed = [];
        NumberedTree<Subscription>.Compare(before, after, (was, now) =>
        {
            // Of a number that has come again both the old and the new one are told.
            if (was is not null && was.Dialog != now?.Dialog)
                removed.Add(was);
            if (now is not null)
                (was is not null && now.HasTermsOf(was) ? progressed : changed).Add(now);
        });
        return ([.. changed], [.. progressed], [.. removed]);
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
