using System.Collections.Immutable;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp;

/// <summary>One MSRP session of ours with one peer, as offer and answer made it; RFC 4975 8.</summary>
public sealed record MsrpLeg
{
    /// <summary>The session id in our path URI; who knows it may speak, so it has at least 80 random bits.</summary>
    public required string SessionId { get; init; }

    /// <summary>Legs of one bridge hear each other.</summary>
    public required string BridgeId { get; init; }

    /// <summary>Our path URI.</summary>
    public required MsrpUri LocalUri { get; init; }

    /// <summary>The peer's path, first hop first; empty while the answer to our offer is out.</summary>
    public ImmutableArray<MsrpUri> RemotePath { get; init; } = [];

    /// <summary>True: we are the active side, RFC 6135, and connect to the first URI of the remote path.</summary>
    public bool Connects { get; init; }

    /// <summary>The peer's accept-types; empty while not known.</summary>
    public ImmutableArray<string> AcceptTypes { get; init; } = [];

    /// <summary>The peer's accept-wrapped-types.</summary>
    public ImmutableArray<string> AcceptWrappedTypes { get; init; } = [];

    /// <summary>The peer's max-size.</summary>
    public long? MaxSize { get; init; }

    /// <summary>
    /// How long it may be without connection before that is told; what is said waits until the leg is closed. Null: as
    /// long as Msrp:BindTimeout, and no longer.
    /// </summary>
    public TimeSpan? ConnectWithin { get; init; }

    /// <summary>The SIP or tel URIs that a CPIM From may carry on this leg.</summary>
    public required ImmutableArray<string> Identities { get; init; }
}
