using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Policies;

/// <summary>
/// The History Function participant, IM 7.2.1.4/3-NOTE: whom the operator named as such records a session.
/// </summary>
internal static class HistoryPolicy
{
    public static bool IsHistory(Requester who, OperatorPolicy policy)
    {
        if (policy.HistoryFunctions.IsEmpty)
            return false;

        foreach (var key in who.Keys)
        {
            if (policy.HistoryFunctions.Contains(key))
                return true;
        }

        return false;
    }

    /// <summary>IM 7.2.1.4/3-i: over the limit when an entitled user has sent it, RFC 3892.</summary>
    public static bool MayEnterFull(Conference conference, InviteRequest request, Facts facts) =>
        IsHistory(Joiner.Of(request).Who, facts.Operator)
        && ReferredBy(request.Headers) is { } user
        && MayInvoke(conference, Joiner.Of(user), facts).Allowed;

    /// <summary>He attends or might join, is not barred, and is on the operator's list if there is one.</summary>
    public static Verdict MayInvoke(Conference conference, Joiner user, Facts facts)
    {
        if (MayInvoke(user.Who, facts.Operator) is { Allowed: false } refused)
            return refused;

        return conference.PartsOf(user.Who.Identities).Any(each => each.IsAttending)
            ? Verdict.Allow
            : JoiningPolicy.Decide(conference, user, facts);
    }

    public static Verdict MayInvoke(Requester who, OperatorPolicy policy)
    {
        if (GroupPolicy.OperatorBars(who, policy) is { Allowed: false } barred)
            return barred;

        return policy.MayInvokeHistory.Includes(who)
            ? Verdict.Allow
            : Verdict.Deny("User may not record a session", "User may not record a session: not in MayInvokeHistory");
    }

    // Exactly one, as RFC 3892 3 has it; what is signed beside it is not looked at.
    private static SipUri? ReferredBy(SipHeaders headers) =>
        headers.Count(each => IsReferredBy(each.Name)) == 1
        && headers.First(each => IsReferredBy(each.Name)).Value is { Length: <= 2 * SipUri.MaxLength } value
        && NameAddress.TryParse(value, out var address)
            ? address.Uri
            : null;

    private static bool IsReferredBy(string name) =>
        name.Equals("Referred-By", StringComparison.OrdinalIgnoreCase)
        || name.Equals("b", StringComparison.OrdinalIgnoreCase);
}
