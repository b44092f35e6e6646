using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Policies;

/// <summary>
/// Who may send one message to several: to a list who may start a session, to a group who may join it or start its
/// session.
/// </summary>
internal static class MessagePolicy
{
    /// <param name="group">Null: to a list.</param>
    /// <param name="sender">Who sends it.</param>
    /// <param name="facts">What else counts.</param>
    public static Verdict Decide(GroupFacts? group, Joiner sender, Facts facts)
    {
        if (group is null)
            return InitiationPolicy.Decide(sender.Who, facts.Operator);

        if (GroupPolicy.Ask(group, GroupAction.JoinHandling, sender, facts) is { Allowed: false } refused
            && !GroupPolicy.Ask(group, GroupAction.AllowInitiateConference, sender, facts).Allowed)
            return refused;

        return HistoryPolicy.IsHistory(sender.Who, facts.Operator)
            ? Verdict.Deny("A history function sends no message")
            : GroupPolicy.Anonymity(group, sender, facts);
    }
}
