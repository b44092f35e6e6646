using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Policies;

/// <summary>IM 7.2.2.3 IM Session initiation policy: who may start an ad-hoc or one-to-one session.</summary>
internal static class InitiationPolicy
{
    public static Verdict Decide(SipUri originator, OperatorPolicy policy) =>
        policy.Barred.Contains(originator.AddressKey)
            ? Verdict.Deny("User is barred from the IM service")
            : Verdict.Allow;
}
