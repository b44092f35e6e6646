using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Notifications;

/// <summary>
/// Who left, as long as one who watches may not have heard of it, IM 7.9.1.1.5/2c-ii-B: a watcher who wants to be told
/// once in an hour must not make us remember everybody who came by.
/// </summary>
internal static class DepartureList
{
    public const int Most = 1000;

    public static Conference Add(Conference conference, Departure departure)
    {
        if (conference.Subscriptions.IsEmpty)
            return conference with { Departures = conference.Departures.Clear() };

        if (conference.Departures.Count >= Most && !conference.Departures.ContainsKey(departure.Entity))
            conference = StartAnew(conference);
        return conference with { Departures = conference.Departures.SetItem(departure.Entity, departure) };
    }

    /// <summary>What all have heard now is forgotten.</summary>
    public static Conference Forget(Conference before, Conference after)
    {
        var heard = after.Subscriptions.HeardByAll;
        if (after.Departures.IsEmpty || heard == before.Subscriptions.HeardByAll)
            return after;

        var old = after.Departures.Values.Where(departure => departure.Revision <= heard).ToList();
        return old.Count == 0
            ? after
            : after with
            {
                Departures = after.Departures.RemoveRange(old.Select(departure => departure.Entity)),
            };
    }

    // In the full state they are absent, and so gone for who knew them.
    private static Conference StartAnew(Conference conference)
    {
        var last = conference.Departures.Values.Max(each => each.Revision);
        foreach (var subscription in conference.Subscriptions.Values)
        {
            if (subscription.HeardUpTo < last)
                conference = conference.With(subscription with { OwesFullState = true });
        }

        return conference with { Departures = conference.Departures.Clear() };
    }
}
