using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>What one REGISTER has changed, as its source tells it; RFC 3261 10.3.</summary>
/// <param name="Contacts">Each with its duration.</param>
/// <param name="CallId">Of the REGISTER; with its CSeq it tells what is older.</param>
public sealed record RegistrationChange(
    RegistrationSource Source, ImmutableArray<ContactBinding> Contacts, string CallId, long CSeq);
