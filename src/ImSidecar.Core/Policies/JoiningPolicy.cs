using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Policies;

/// <summary>IM 7.2.2.9 IM Session joining policy for pre-defined groups: join-handling, and allow-anonymity.</summary>
internal static class JoiningPolicy
{
    public static Verdict Decide(GroupFacts group, Joiner joiner, Facts facts)
    {
        if (GroupPolicy.Ask(group, GroupAction.JoinHandling, joiner, facts) is { Allowed: false } verdict)
            return verdict;

        return GroupPolicy.Anonymity(group, joiner, facts);
    }
}
