using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Policies;

/// <summary>
/// Who may remove others from a session, IM 7.2.1.8/1-a: whom allow-expelling of the group lets, or who started an
/// ad-hoc session.
/// </summary>
internal static class ExpellingPolicy
{
    public static Verdict Decide(Conference conference, Participant referrer, Joiner asking, Facts facts)
    {
        if (conference.GroupIdentity is not null)
            return GroupPolicy.Ask(facts.Group ?? GroupFacts.None, GroupAction.AllowExpelling, asking, facts);

        return referrer.IsInviter
            ? GroupPolicy.OperatorBars(asking.Who, facts.Operator)
            : Verdict.Deny("Only who started the session may remove others");
    }
}
