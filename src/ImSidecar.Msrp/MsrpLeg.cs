using System.Collections.Immutable;
using System.Diagnostics;
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

    /// <summary>Where to connect to when it is not the first URI of the remote path, RFC 6714.</summary>
    public MsrpUri? ConnectTo { get; init; }

    /// <summary>
    /// What the peer's description says of his certificate, RFC 8122: who comes for the leg must show one of them.
    /// </summary>
    public ImmutableArray<string> Fingerprints { get; init; } = [];

    /// <summary>The peer's accept-types; empty while not known.</summary>
    public ImmutableArray<string> AcceptTypes { get; init; } = [];

    /// <summary>The peer's accept-wrapped-types.</summary>
    public ImmutableArray<string> AcceptWrappedTypes { get; init; } = [];

    /// <summary>The peer's max-size.</summary>
    public long? MaxSize { get; init; }

    /// <summary>False: the peer has said that he sends nothing.</summary>
    public bool Sends { get; init; } = true;

    /// <summary>False: the peer wants nothing, he is on hold; what is said meanwhile is not for him.</summary>
    public bool Receives { get; init; } = true;

    /// <summary>
    /// How long it may be without connection before that is told; what is said waits until the leg is closed. Null: as
    /// long as Msrp:BindTimeout, and no longer.
    /// </summary>
    public TimeSpan? ConnectWithin { get; init; }

    /// <summary>
    /// The SIP or tel URIs that a CPIM From may carry on this leg; where it ends here and there are none: any.
    /// </summary>
    public required ImmutableArray<string> Identities { get; init; }

    /// <summary>Who the peer is for the others: he speaks from there. Empty: the first of the identities.</summary>
    public string Entity { get; init; } = "";

    /// <summary>What the peer knows himself by: what is said to his entity comes to there.</summary>
    public string Address { get; init; } = "";

    /// <summary>The others know him by his entity only.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>
    /// What CPIM To names when it means all, RFC 7701 6; anything else is one participant. Empty: there are no private
    /// messages, whatever To says is for all the others.
    /// </summary>
    public ImmutableArray<string> Room { get; init; } = [];

    /// <summary>The peer may write to single participants.</summary>
    public bool MayWritePrivately { get; init; }

    /// <summary>
    /// What the peer says is for the host, which answers it, and the host speaks to the peer; nobody else is in the
    /// bridge. It stays as the leg was opened.
    /// </summary>
    public bool EndsHere { get; init; }

    /// <summary>Of a leg that ends here: larger messages from the peer are answered 413.</summary>
    public long MaxIncomingBytes { get; init; } = 1024 * 1024;

    /// <summary>The accept-types that we have told the peer; empty: all, if the leg ends here, else what he takes.</summary>
    public ImmutableArray<string> TakenTypes { get; init; } = [];

    /// <summary>The same of accept-wrapped-types.</summary>
    public ImmutableArray<string> TakenWrappedTypes { get; init; } = [];

    /// <summary>The peer has said that he understands private messages.</summary>
    public bool TakesPrivateMessages { get; init; }

    /// <summary>The span that opened it: what happens first on it goes there. Default: nobody samples that.</summary>
    public ActivityContext Trace { get; init; }
}
