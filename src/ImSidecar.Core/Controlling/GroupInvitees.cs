using ImSidecar.Core.Conferences;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Controlling;

/// <summary>
/// Whom a starting session of a pre-arranged group invites, IM 7.2.2.3: its members, those by reference too, as many
/// as it has places, without whom its own rules would refuse.
/// </summary>
internal static class GroupInvitees
{
    public static IEnumerable<Invitee> Of(ResolvedGroup group, Conference session, Participant inviter, Facts facts)
    {
        var known = GroupFacts.Of(group);
        var starting = Joiner.Of(inviter);
        var places = Capacity.Of(group, facts.Operator) - 1;
        foreach (var member in group.AllMembers.Where(each => !inviter.IsAlso(each.Address)))
        {
            var joiner = Joiner.Of(member.Address);
            var isHistory = HistoryPolicy.IsHistory(joiner.Who, facts.Operator);
            if (places == 0 && facts.Operator.HistoryFunctions.IsEmpty)
                yield break;

            if ((places == 0 && !isHistory)
                || !InvitationPolicy.Decide(joiner.Who, starting.Who, facts.Operator).Allowed
                || !JoiningPolicy.Decide(known, joiner, facts).Allowed)
                continue;

            places -= isHistory ? 0 : 1;
            yield return new(member.Address.Bare, DisplayName.Bounded(member.DisplayName));
        }
    }
}
