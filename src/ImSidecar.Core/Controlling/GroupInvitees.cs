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
        return group.AllMembers
            .Where(member => !inviter.IsAlso(member.Address))
            .Where(member => JoiningPolicy.Decide(known, Joiner.Of(member.Address), facts).Allowed)
            .Take(Capacity.Of(group, facts.Operator) - 1)
            .Select(member => new Invitee(member.Address.Bare, DisplayName.Bounded(member.DisplayName)));
    }
}
