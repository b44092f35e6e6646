using System.Collections.Immutable;

namespace ImSidecar.Protocol.Registration;

/// <summary>What a registrar tells of who watches it, RFC 3680 5: all there is, or what has changed.</summary>
public sealed record RegistrationInfo(long Version, bool IsFull, ImmutableArray<RegisteredAddress> Addresses);

/// <summary>An address of record with its contacts; one that is not active has none.</summary>
public sealed record RegisteredAddress(string AddressOfRecord, bool IsActive, ImmutableArray<ContactInfo> Contacts);

/// <summary>A contact; the duration in seconds, null when it is not told.</summary>
public sealed record ContactInfo(string Uri, bool IsActive, int? Expires, ImmutableArray<string> FeatureTags);
