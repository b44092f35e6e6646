using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Policies;

/// <summary>An action of the group document for a user, behind what the operator and the document rule out.</summary>
public static class GroupPolicy
{
    /// <summary>What a session of ours carries, by the names of XDM extensions.</summary>
    public static ImmutableArray<string> Media { get; } = ["message-session"];

    /// <summary>What the rules of a session ask, and an operator who wants to know what they will say.</summary>
    public static Verdict Ask(
        GroupFacts group, GroupAction action, Requester who, DateTimeOffset now, OperatorPolicy policy)
    {
        if (OperatorBars(who, policy) is { Allowed: false } barred)
            return barred;

        if (group.Group is not { } document)
            return Verdict.Deny(group.Problem ?? "Group does not exist");

        var circumstances = new RuleCircumstances
        {
            Now = now,
            Service = policy.ServiceName,
            Media = Media,
            PrivateMessagesByDefault = policy.PrivateMessages,
        };
        return GroupRules.Decide(document, action, who, circumstances, policy.Precedence);
    }

    internal static Verdict Ask(GroupFacts group, GroupAction action, Joiner joiner, Facts facts) =>
        Ask(group, action, joiner.Who, facts.Now, facts.Operator);

    /// <summary>Who does not ask for it needs no leave.</summary>
    internal static Verdict Anonymity(GroupFacts group, Joiner joiner, Facts facts) =>
        joiner.WantsAnonymity ? Ask(group, GroupAction.AllowAnonymity, joiner, facts) : Verdict.Allow;

    internal static Verdict OperatorBars(Requester who, OperatorPolicy policy)
    {
        foreach (var key in who.Keys)
        {
            if (policy.Barred.Contains(key))
                return Verdict.Deny("User is barred from the IM service");
        }

        return Verdict.Allow;
    }
}
