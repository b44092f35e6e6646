using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Policies;

/// <summary>
/// How many may attend a session at once: max-participant-count of a pre-defined group, and the operator's limits.
/// </summary>
internal static class Capacity
{
    public static int Of(ResolvedGroup group, OperatorPolicy policy) =>
        Math.Min(group.Document.MaxParticipants ?? int.MaxValue, policy.MaxGroupParticipants);

    public static int Of(Conference conference, Facts facts)
    {
        if (conference.GroupIdentity is null)
            return facts.Operator.MaxAdHocParticipants;

        return facts.Group?.Group is { } group ? Of(group, facts.Operator) : facts.Operator.MaxGroupParticipants;
    }

    /// <summary>Who is invited has his place; who comes again takes his own.</summary>
    public static bool IsFull(Conference conference, RequestHead joiner, Facts facts) =>
        conference.Participants.Tally.Places
            - conference.PartsOf(joiner).Count(part => part.HasPlace && !part.IsHistory)
            >= Of(conference, facts);

    /// <summary>Whether so many more find no place.</summary>
    public static bool IsExceeded(Conference conference, int more, Facts facts) =>
        conference.Participants.Tally.Places + more > Of(conference, facts);
}
