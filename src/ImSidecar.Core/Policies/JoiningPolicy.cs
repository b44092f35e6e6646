using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Policies;

/// <summary>
/// IM 7.2.2.9 IM Session joining policy: join-handling and allow-anonymity of a pre-defined group; an ad-hoc session
/// takes whom it has invited and not expelled.
/// </summary>
internal static class JoiningPolicy
{
    public static Verdict Decide(GroupFacts group, Joiner joiner, Facts facts)
    {
        if (GroupPolicy.Ask(group, GroupAction.JoinHandling, joiner, facts) is { Allowed: false } verdict)
            return verdict;

        return GroupPolicy.Anonymity(group, joiner, facts);
    }

    /// <summary>Into a session that is known by its identity.</summary>
    public static Verdict Decide(Conference conference, Joiner joiner, Facts facts)
    {
        if (conference.GroupIdentity is not null)
            return Decide(facts.Group ?? GroupFacts.None, joiner, facts);

        if (GroupPolicy.OperatorBars(joiner.Who, facts.Operator) is { Allowed: false } barred)
            return barred;

        return conference.IsGuest(joiner.Who)
            ? Verdict.Allow
            : Verdict.Deny("Only who was invited to this session may join it");
    }
}
