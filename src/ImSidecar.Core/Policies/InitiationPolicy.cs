using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Policies;

/// <summary>IM 7.2.2.3 IM Session initiation policy: who may start a session.</summary>
internal static class InitiationPolicy
{
    /// <summary>An ad-hoc or one-to-one session.</summary>
    public static Verdict Decide(SipUri originator, OperatorPolicy policy) => Decide(Joiner.Of(originator), policy);

    /// <summary>The same for one who asserts several addresses, barred by any of them.</summary>
    public static Verdict Decide(Joiner originator, OperatorPolicy policy) =>
        GroupPolicy.OperatorBars(originator.Who, policy);

    /// <summary>A session of a pre-defined group; who opens a chat group joins it too, IM 7.2.1.4/2-a.</summary>
    public static Verdict Decide(GroupFacts group, Joiner originator, Facts facts)
    {
        if (group.Group is { Document.InviteMembers: false }
            && GroupPolicy.Ask(group, GroupAction.JoinHandling, originator, facts) is { Allowed: false } refused)
            return refused;

        if (GroupPolicy.Ask(group, GroupAction.AllowInitiateConference, originator, facts)
            is { Allowed: false } verdict)
            return verdict;

        return GroupPolicy.Anonymity(group, originator, facts);
    }
}
