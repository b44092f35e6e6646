using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Policies;

/// <summary>What a user's access rules and block list say of a requester, Shared Policy XDM.</summary>
public static class UserRules
{
    private const string Invite = "allow-invite";

    /// <summary>Where no rule says anything, an invitation is delivered and the user decides.</summary>
    /// <param name="unsaid">What is done where no rule says anything.</param>
    public static InviteVerdict DecideInvite(
        ResolvedUser user, Requester who, RuleCircumstances circumstances, Precedence precedence = Precedence.Oma,
        InviteHandling unsaid = InviteHandling.Pass)
    {
        if (user.Blocks(who))
            return new(InviteHandling.Reject, Blocked(Invite, Name(InviteHandling.Reject), who));

        var handling = user.Rules.CombineInvite(who, circumstances, precedence) ?? unsaid;
        return new(handling, Verdict.Of(handling != InviteHandling.Reject, new RuleTrace(
            user.Rules, Invite, Name(handling), actions => actions.AllowInvite is { } value ? Name(value) : null,
            who, circumstances, precedence)));
    }

    /// <summary>Whether he may be turned to at all, for what no action is about: the block list decides.</summary>
    public static Verdict DecideContact(ResolvedUser user, Requester who) =>
        user.Blocks(who) ? Blocked("contact", "refused", who) : Verdict.Allow;

    public static Verdict Decide(
        ResolvedUser user, UserAction action, Requester who, RuleCircumstances circumstances,
        Precedence precedence = Precedence.Oma)
    {
        var ruleAction = (RuleAction)action;
        if (user.Blocks(who) && action != UserAction.AllowRejectInvite)
            return Blocked(RuleActions.NameOf(ruleAction), "false", who);

        var allowed = user.Rules.Combine(ruleAction, who, circumstances, precedence) ?? IsAllowedByDefault(action);
        return Verdict.Of(allowed, new RuleTrace(
            user.Rules, RuleActions.NameOf(ruleAction), RuleTrace.Text(allowed)!,
            actions => RuleTrace.Text(actions[ruleAction]), who, circumstances, precedence));
    }

    private static bool IsAllowedByDefault(UserAction action) =>
        action is UserAction.AllowOfflineStorage or UserAction.AllowPrivateMessage;

    private static Verdict Blocked(string action, string outcome, Requester who) => Verdict.Deny(
        $"{action} is {outcome} by the user's choice",
        $"{action} is {outcome} by the user's choice: {who} is in the list {ResolvedUser.BlockList}");

    private static string Name(InviteHandling handling) => handling.ToString().ToLowerInvariant();
}
