using System.Collections.Immutable;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// The MSRP side of a leg as SDP agreed it; RFC 4975 8. Paths are msrp or msrps URIs in the order of the attribute.
/// </summary>
public sealed record LegMedia
{
    /// <summary>Our MSRP session id: at least 80 random bits.</summary>
    public required string SessionId { get; init; }

    public required string LocalUri { get; init; }

    /// <summary>Empty until the peer's SDP is known.</summary>
    public ImmutableArray<string> RemotePath { get; init; } = [];

    /// <summary>True if we open the connection.</summary>
    public bool Connects { get; init; }

    /// <summary>Where we connect to when it is not the first of the remote path, RFC 6714: an MSRP URI too.</summary>
    public string? ConnectTo { get; init; }

    /// <summary>The peer wants no connection for now, RFC 4145 4: holdconn.</summary>
    public bool HoldsConnection { get; init; }

    /// <summary>What the peer's certificate hashes to, RFC 8122; empty: nothing said, or no TLS.</summary>
    public ImmutableArray<string> Fingerprints { get; init; } = [];

    public ImmutableArray<string> AcceptTypes { get; init; } = [];

    public ImmutableArray<string> AcceptWrappedTypes { get; init; } = [];

    public long? MaxSize { get; init; }

    /// <summary>The peer may write to single participants, and was told so.</summary>
    public bool MayWritePrivately { get; init; }

    /// <summary>The peer's a=chatroom names private-messages, RFC 7701 8.</summary>
    public bool TakesPrivateMessages { get; init; }

    /// <summary>Which way the peer lets messages flow, as he says it: on hold he neither sends nor receives.</summary>
    public MediaDirection Direction { get; init; }

    /// <summary>The peer's offer that our answer will follow, empty when he offered none.</summary>
    public ReadOnlyMemory<byte> Offer { get; init; }

    /// <summary>Our last session description, repeated unchanged on refresh.</summary>
    public ReadOnlyMemory<byte> LocalDescription { get; init; }

    /// <summary>The o= session id; the version counts our descriptions.</summary>
    public required long DescriptionId { get; init; }

    public int DescriptionVersion { get; init; } = 1;

    public bool IsNegotiated => !RemotePath.IsEmpty;
}
