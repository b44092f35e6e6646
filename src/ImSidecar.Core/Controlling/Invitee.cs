using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Controlling;

/// <summary>A user named in a recipient list, RFC 5366: the address without headers and method.</summary>
internal sealed record Invitee(SipUri Address, string? DisplayName)
{
    /// <summary>The dialog of his that the invitation is to take the place of, Appendix M; null: none.</summary>
    public Replaces? Replaces { get; init; }
}
