using System.Collections.Immutable;
using System.Net;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Client.Msrp;

/// <summary>The relays that MSRP goes through, RFC 4976.</summary>
public sealed record RelayOptions
{
    /// <summary>Where AUTH goes, the nearest first.</summary>
    public required ImmutableArray<MsrpUri> Relays { get; init; }

    /// <summary>Our address, as it stands in our path.</summary>
    public IPAddress Local { get; init; } = IPAddress.Loopback;

    /// <summary>Of the certificate of the nearest one; none: it is known by its name.</summary>
    public ImmutableArray<string> Fingerprints { get; init; } = [];

    /// <summary>How to connect to it: what these say of TLS and WebSocket.</summary>
    public MsrpOptions Connection { get; init; } = new();
}
