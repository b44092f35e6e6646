using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Policies;

/// <summary>IM 7.2.2.3 IM Session initiation policy: who may start a session.</summary>
internal static class InitiationPolicy
{
    private const string MayNotStart = "User may not start a session";

    /// <summary>An ad-hoc or one-to-one session.</summary>
    public static Verdict Decide(Requester originator, OperatorPolicy policy)
    {
        if (GroupPolicy.OperatorBars(originator, policy) is { Allowed: false } barred)
            return barred;

        // It records what others do.
        if (HistoryPolicy.IsHistory(originator, policy))
            return Verdict.Deny("A history function starts no session");

        return policy.MayStart.Includes(originator)
            ? Verdict.Allow
            : Verdict.Deny(MayNotStart, MayNotStart + ": not in MayStart");
    }

    /// <summary>A session of a pre-defined group; who opens a chat group joins it too, IM 7.2.1.4/2-a.</summary>
    public static Verdict Decide(GroupFacts group, Joiner originator, Facts facts)
    {
        if (group.Group is { Document.InviteMembers: false }
            && GroupPolicy.Ask(group, GroupAction.JoinHandling, originator, facts) is { Allowed: false } refused)
            return refused;

        if (GroupPolicy.Ask(group, GroupAction.AllowInitiateConference, originator, facts)
            is { Allowed: false } verdict)
            return verdict;

        if (HistoryPolicy.IsHistory(originator.Who, facts.Operator))
            return Verdict.Deny("A history function starts no session");

        return facts.Operator.MayStartGroups.Includes(originator.Who)
            ? GroupPolicy.Anonymity(group, originator, facts)
            : Verdict.Deny(MayNotStart, MayNotStart + ": not in MayStartGroups");
    }
}
