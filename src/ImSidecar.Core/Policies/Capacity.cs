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
        Taken(conference, participant => joiner.Identities.Any(mine => participant.IsAlso(mine.Uri)))
            >= Of(conference, facts);

    /// <summary>Whether so many more find no place.</summary>
    public static bool IsExceeded(Conference conference, int more, Facts facts) =>
        Taken(conference, _ => false) + more > Of(conference, facts);

    private static int Taken(Conference conference, Func<Participant, bool> isFree)
    {
        var taken = 0;
        foreach (var participant in conference.Participants.Values)
        {
            // IM 7.2.1.4/3-NOTE
            if (participant.IsHistory)
                continue;

            taken += participant.HasPlace && !isFree(participant) ? 1 : 0;
        }

        return taken;
    }
}
