using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Controlling;

/// <summary>A user named in a recipient list, RFC 5366: the address without headers and method.</summary>
internal sealed record Invitee(SipUri Address, string? DisplayName)
{
    /// <summary>The dialog of his that the invitation is to take the place of, Appendix M; null: none.</summary>
    public Replaces? Replaces { get; init; }

    /// <summary>By the address as it was named: without parameters a number in a SIP URI is a name.</summary>
    public string PersonKey { get; init; } = Address.PersonKey;

    /// <summary>What stands for charging in the REFER that names him; null: what the session was set up with.</summary>
    public ImmutableArray<SipHeader>? Charging { get; init; }
}
