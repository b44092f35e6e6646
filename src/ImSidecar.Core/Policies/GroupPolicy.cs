using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Policies;

/// <summary>An action of the group document for a user, behind what the operator and the document itself rule out.</summary>
internal static class GroupPolicy
{
    // What a session of ours carries, by the names of XDM extensions.
    private static readonly ImmutableArray<string> _media = ["message-session"];

    public static Verdict Ask(GroupFacts group, GroupAction action, Joiner joiner, Facts facts)
    {
        if (OperatorBars(joiner, facts.Operator) is { Allowed: false } barred)
            return barred;

        if (group.Group is not { } document)
            return Verdict.Deny(group.Problem ?? "Group does not exist");

        var circumstances = new RuleCircumstances
        {
            Now = facts.Now,
            Service = facts.Operator.ServiceName,
            Media = _media,
        };
        return GroupRules.Decide(document, action, joiner.Who, circumstances, facts.Operator.Precedence);
    }

    /// <summary>Who does not ask for it needs no leave.</summary>
    public static Verdict Anonymity(GroupFacts group, Joiner joiner, Facts facts) =>
        joiner.WantsAnonymity ? Ask(group, GroupAction.AllowAnonymity, joiner, facts) : Verdict.Allow;

    public static Verdict OperatorBars(Joiner joiner, OperatorPolicy policy)
    {
        foreach (var address in joiner.Who.Identities)
        {
            if (policy.Barred.Contains(address.AddressKey))
                return Verdict.Deny("User is barred from the IM service");
        }

        return Verdict.Allow;
    }
}
