using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Policies;

/// <summary>
/// Whether the document of a group allows an action, Shared Group XDM and RFC 4745 10; total, in doubt no.
/// </summary>
public static class GroupRules
{
    public static Verdict Decide(
        ResolvedGroup group, GroupAction action, Requester who, RuleCircumstances circumstances,
        Precedence precedence = Precedence.Oma)
    {
        if (group.Document.NotUnderstood is { IsEmpty: false } names)
            return Verdict.Deny($"group asks for what is not supported: {RuleText.Clean(string.Join(", ", names))}");

        if (group.Document.SupportedServices is { } services
            && !services.Includes(circumstances.Service, circumstances.Media))
            return Verdict.Deny($"supported-services of the group has no {circumstances.Service} with these media");

        // IM 7.2.2.3
        if (action is GroupAction.JoinHandling or GroupAction.AllowInitiateConference
            && ActivePolicy.Schedule(group, circumstances.Now) is { Allowed: false } closed)
            return closed;

        var ruleAction = (RuleAction)action;
        var allowed = group.Rules.Combine(ruleAction, who, circumstances, precedence)
            ?? IsAllowedByDefault(action, circumstances);
        return Verdict.Of(allowed, new RuleTrace(
            group.Rules, RuleActions.NameOf(ruleAction), RuleTrace.Text(allowed)!,
            actions => RuleTrace.Text(actions[ruleAction]), who, circumstances, precedence));
    }

    /// <summary>What no rule speaks of is denied, but private messages by configuration.</summary>
    private static bool IsAllowedByDefault(GroupAction action, RuleCircumstances circumstances) =>
        action == GroupAction.AllowPrivateMessage && circumstances.PrivateMessagesByDefault;
}
