using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Policies;

/// <summary>What a participant counts for, by the configuration and by the group document.</summary>
internal static class ParticipantRoles
{
    public static Participant WithRoles(this Participant participant, Joiner user, Facts facts)
    {
        var (history, key, requirements) = (
            HistoryPolicy.IsHistory(user.Who, facts.Operator),
            facts.Group is { Group: not null } group
                && GroupPolicy.Ask(group, GroupAction.IsKeyParticipant, user, facts).Allowed,
            facts.Group?.Group?.RequirementsMetBy(user.Who) ?? 0);
        return (history, key, requirements) == (participant.IsHistory, participant.IsKey, participant.Requirements)
            ? participant
            : participant with { IsHistory = history, IsKey = key, Requirements = requirements };
    }
}
