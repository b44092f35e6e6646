using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Policies;

/// <summary>Whom the operator lets others invite or add, IM 7.2.2.2; what a group document says comes on top.</summary>
internal static class InvitationPolicy
{
    public static Verdict Decide(Requester invitee, OperatorPolicy policy)
    {
        if (GroupPolicy.OperatorBars(invitee, policy) is { Allowed: false } barred)
            return barred;

        return policy.MayBeInvited.Includes(invitee)
            ? Verdict.Allow
            : Verdict.Deny("User may not be invited", "User may not be invited: not in MayBeInvited");
    }

    /// <summary>The History Function is invited by whom the operator lets invoke it.</summary>
    public static Verdict Decide(Requester invitee, Requester inviter, OperatorPolicy policy) =>
        HistoryPolicy.IsHistory(invitee, policy)
            && HistoryPolicy.MayInvoke(inviter, policy) is { Allowed: false } refused
            ? refused
            : Decide(invitee, policy);
}
