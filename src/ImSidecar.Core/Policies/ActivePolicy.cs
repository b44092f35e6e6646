using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Policies;

/// <summary>
/// session-active-policy of a group document, IM 7.2.2.3: when sessions may be, how long, and who must be there.
/// </summary>
internal static class ActivePolicy
{
    /// <summary>Outside its schedule a group has no session; who asks is told when it has one again.</summary>
    public static Verdict Schedule(ResolvedGroup group, DateTimeOffset now)
    {
        if (group.Schedule is not { } schedule || schedule.IsOpen(now, out _))
            return Verdict.Allow;

        const string Reason = "schedule of the group allows no session now";
        return Verdict.Deny(Reason, schedule.OpensAt(now) is { } next
            ? $"{Reason}: the next one may start at {next.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}"
            : $"{Reason}: it is over");
    }

    /// <summary>What the document asks of a session that has started then.</summary>
    public static SessionConditions Of(ResolvedGroup group, DateTimeOffset startedAt, DateTimeOffset now)
    {
        var active = group.Document.SessionActive;
        DateTimeOffset? ends = active?.MaxDuration is { } longest ? startedAt + longest : null;
        if (group.Schedule is { } schedule)
            ends = Earliest(ends, schedule.IsOpen(now, out var until) ? until : now);

        return new(startedAt, ends, active?.MinParticipants, group.RequiredCount, HaveHeld: false);
    }

    /// <summary>Enough are there, and everybody who must be; who records does not count.</summary>
    public static bool Holds(Conference conference) =>
        conference.Participants.Tally is var tally
        && tally.Attending >= (conference.Conditions?.MinParticipants ?? 0)
        && tally.Requirements >= (conference.Conditions?.Required ?? 0);

    /// <summary>Keeps in mind that they hold: from then on who goes may end the session.</summary>
    public static Conference Noted(Conference conference) =>
        conference.Conditions is { AskForParticipants: true, HaveHeld: false } conditions
        && !conference.IsOver
        && Holds(conference)
            ? conference with { Conditions = conditions with { HaveHeld = true } }
            : conference;

    /// <summary>As a changed document has it; who asks for more than before waits for it anew.</summary>
    public static Conference Changed(Conference conference, ResolvedGroup group, DateTimeOffset now)
    {
        var before = conference.Conditions;
        var after = Of(group, before?.StartedAt ?? now, now);
        if (before is not null && (before.MinParticipants, before.Required) == (after.MinParticipants, after.Required))
            after = after with { HaveHeld = before.HaveHeld };

        return after == before ? conference : conference with { Conditions = after };
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;
}
