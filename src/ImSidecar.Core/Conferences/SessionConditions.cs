namespace ImSidecar.Core.Conferences;

/// <summary>What session-active-policy of the group document asks of the session under way, as last read.</summary>
/// <param name="StartedAt">When the session began: max-duration counts from then.</param>
/// <param name="EndsAt">The end of max-duration or of the schedule; null: none.</param>
/// <param name="MinParticipants">By min-participant-count; null: none.</param>
/// <param name="Required">How many addresses required-participants-list names.</param>
/// <param name="HaveHeld">There were enough participants, and those required: fewer end the session.</param>
public sealed record SessionConditions(
    DateTimeOffset StartedAt, DateTimeOffset? EndsAt, int? MinParticipants, int Required, bool HaveHeld)
{
    public bool AskForParticipants => MinParticipants is not null || Required > 0;
}
