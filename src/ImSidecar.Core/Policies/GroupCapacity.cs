using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Policies;

/// <summary>How many may attend a pre-defined group at once: max-participant-count, and the operator's limit.</summary>
internal static class GroupCapacity
{
    public static int Of(ResolvedGroup group, OperatorPolicy policy) =>
        Math.Min(group.Document.MaxParticipants ?? int.MaxValue, policy.MaxGroupParticipants);

    /// <summary>Who is invited has his place; who comes again takes his own.</summary>
    public static bool IsFull(Conference conference, ResolvedGroup group, RequestHead joiner, OperatorPolicy policy)
    {
        var taken = 0;
        foreach (var participant in conference.Participants.Values)
            taken += participant.HasPlace && !joiner.Identities.Any(mine => participant.IsAlso(mine.Uri)) ? 1 : 0;

        return taken >= Of(group, policy);
    }
}
