using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Identity;

/// <summary>IM 7.2.1.1/4: as whom we answer, and who is not told; RFC 3325 7.</summary>
internal static class AssertedIdentity
{
    private const string Name = "P-Asserted-Identity";

    public static bool IsHidden(ImRequest request, Facts facts) =>
        facts.Operator.HideIdentity && !request.Head.IsTrusted;

    public static SipHeaders WithIdentity(this SipHeaders headers, SipUri identity, bool isHidden) =>
        isHidden ? headers : headers.With(Name, $"<{identity}>");
}
