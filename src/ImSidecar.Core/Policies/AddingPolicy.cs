using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Policies;

/// <summary>IM 7.2.2.7 adding policy: who may add users to a session that is active, and whom.</summary>
internal static class AddingPolicy
{
    /// <param name="asking">A participant, under all his addresses.</param>
    public static Verdict Decide(Conference conference, Participant referrer, Joiner asking, Facts facts)
    {
        if (GroupPolicy.OperatorBars(asking.Who, facts.Operator) is { Allowed: false } barred)
            return barred;

        if (conference.Kind == ConferenceKind.OneToOne)
            return Verdict.Deny("A one-to-one session takes nobody else");

        if (conference.GroupIdentity is not null)
            return GroupPolicy.Ask(
                facts.Group ?? GroupFacts.None, GroupAction.AllowInviteUsersDynamically, asking, facts);

        // IM 7.2.1.7/1-a: both policies.
        if (InitiationPolicy.Decide(asking.Who, facts.Operator) is { Allowed: false } verdict)
            return verdict;

        return facts.Operator.OnlyInviterAdds && !referrer.IsInviter
            ? Verdict.Deny("Only who started the session may add others")
            : Verdict.Allow;
    }

    /// <summary>Who could not join is not added either.</summary>
    public static Verdict Target(Conference conference, Joiner target, Joiner asking, Facts facts)
    {
        if (InvitationPolicy.Decide(target.Who, asking.Who, facts.Operator) is { Allowed: false } verdict)
            return verdict;

        return conference.GroupIdentity is null
            ? Verdict.Allow
            : JoiningPolicy.Decide(facts.Group ?? GroupFacts.None, target, facts);
    }
}
