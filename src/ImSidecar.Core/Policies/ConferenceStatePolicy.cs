using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Policies;

/// <summary>
/// Who may see the state of a session: those who attend, IM 7.2.1.12/4, and whom allow-conference-state of a
/// pre-defined group lets.
/// </summary>
internal static class ConferenceStatePolicy
{
    public static Verdict Decide(Conference conference, Joiner asking, Facts facts)
    {
        if (GroupPolicy.OperatorBars(asking.Who, facts.Operator) is { Allowed: false } barred)
            return barred;

        if (facts.Operator.SubscriberMustAttend && !asking.Who.Identities.Any(conference.IsAttending))
            return Verdict.Deny("Not a participant");

        if (OfDocument(conference, asking, facts) is { Allowed: false } verdict)
            return verdict;

        // One whose last NOTIFY is under way counts too: it is state we hold for him.
        return conference.Subscriptions.Of(asking.Who.Identities).Count() < facts.Operator.MaxSubscriptionsPerUser
            && facts.SubscriptionsOfNode < facts.Operator.MaxSubscriptions
            ? Verdict.Allow
            : Verdict.Deny("Too many subscriptions");
    }

    /// <summary>What the group document says; an ad-hoc session has none, attending is enough.</summary>
    public static Verdict OfDocument(Conference conference, Joiner asking, Facts facts) =>
        conference.GroupIdentity is null
            ? Verdict.Allow
            : GroupPolicy.Ask(facts.Group ?? GroupFacts.None, GroupAction.AllowConferenceState, asking, facts);
}
