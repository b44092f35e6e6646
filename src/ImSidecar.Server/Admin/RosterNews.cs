using ImSidecar.Admin.V1;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Admin;

/// <summary>What has changed between two states of a conference, as an operator who looks on is told.</summary>
internal static class RosterNews
{
    public static IEnumerable<ConferenceNews> Between(Conference? before, Conference? after)
    {
        if (after is null)
            return before is null ? [] : [new() { Ended = ConferenceWire.Summary(before) }];

        var changes = ConferenceChanges.Between(before, after);
        return Head(before, after)
            .Concat(changes.RemovedParticipants
                .Select(id => new ConferenceNews { Left = ConferenceWire.Entry(before!.Participants[id]) }))
            .Concat(changes.Participants.OrderBy(each => each.Number)
                .Select(each => Of(before?.Participants.GetValueOrDefault(each.Id), each)).OfType<ConferenceNews>())
            .Concat(changes.RemovedSubscriptions
                .Select(each => new ConferenceNews { Unsubscribed = ConferenceWire.Entry(before!, each) }))
            .Concat(changes.Subscriptions
                .Where(each => before?.Subscriptions.Find(each.Id)?.Dialog != each.Dialog)
                .Select(each => new ConferenceNews { Subscribed = ConferenceWire.Entry(after, each) }));
    }

    private static IEnumerable<ConferenceNews> Head(Conference? before, Conference after)
    {
        if (before is null)
            return [new() { Began = ConferenceWire.Summary(after) }];

        return (before.Phase, before.GroupName, before.MaxParticipants, before.SessionIdentity.Text)
            == (after.Phase, after.GroupName, after.MaxParticipants, after.SessionIdentity.Text)
            ? []
            : [new() { Changed = ConferenceWire.Summary(after) }];
    }

    private static ConferenceNews? Of(Participant? before, Participant after)
    {
        var entry = ConferenceWire.Entry(after);
        if (before?.IsAttending != true && after.IsAttending)
            return new() { Joined = entry };

        if (before is null)
            return new() { Invited = entry };

        // When his session timer ends is refreshed all the time.
        var was = ConferenceWire.Entry(before);
        was.ClearSessionExpiresAt();
        var now = entry.Clone();
        now.ClearSessionExpiresAt();
        return was.Equals(now) ? null : new() { Altered = entry };
    }
}
