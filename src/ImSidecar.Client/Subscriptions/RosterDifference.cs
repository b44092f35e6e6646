using ImSidecar.Protocol.ConferenceInfo;

namespace ImSidecar.Client.Subscriptions;

/// <summary>What a merged document changed in the roster, RFC 4575 4.6 and IM 6.1.2.12.</summary>
internal static class RosterDifference
{
    // IM 6.1.2.12/notify-2
    public static IEnumerable<RosterChange> Of(Notification told)
    {
        var former = (told.Former ?? []).ToDictionary(user => user.Entity, StringComparer.Ordinal);
        var now = told.Roster.Select(user => user.Entity).ToHashSet(StringComparer.Ordinal);
        var left = former.Values.Where(user => !now.Contains(user.Entity))
            .Select(user => Gone(told, RosterChangeKind.Left, user));
        var stays = told.Lines.SelectMany(line => former.TryGetValue(line.Entity, out var before)
            ? Changed(line, RosterLine.Of(before, told.Blocked))
            : [Came(line, told.Former is null)]);
        return left.Concat(told.PassedBy.Select(user => Gone(told, RosterChangeKind.PassedBy, user))).Concat(stays);
    }

    private static RosterChange Came(RosterLine line, bool isFirst) =>
        new(isFirst ? RosterChangeKind.Present : Arrival(line), line, IsNew: true);

    private static RosterChangeKind Arrival(RosterLine line) =>
        line.IsIn ? RosterChangeKind.Joined : RosterChangeKind.Alerting;

    private static IEnumerable<RosterChange> Changed(RosterLine line, RosterLine before)
    {
        if (line.Name != before.Name)
            yield return new(RosterChangeKind.Renamed, line, IsNew: false) { FormerName = before.Name };
        if (line.IsIn != before.IsIn || (line.Status == EndpointStatus.Alerting && before.Status != line.Status))
            yield return new(Arrival(line), line, IsNew: false);
    }

    private static RosterChange Gone(Notification told, RosterChangeKind kind, ConferenceUser user)
    {
        var last = told.Document?.Users?.List.FirstOrDefault(each => each.Entity == user.Entity);
        return new(kind, RosterLine.Of(user, told.Blocked), IsNew: kind == RosterChangeKind.PassedBy)
        {
            How = last?.Endpoints.Select(each => each.DisconnectionMethod).FirstOrDefault(how => how is not null),
        };
    }
}
