using System.Collections.Immutable;

namespace ImSidecar.Protocol.Sip.Requests;

/// <summary>What every request has: its line, its mandatory header fields, and who sent it; RFC 3261 8.1.1.</summary>
public sealed record RequestHead
{
    /// <summary>The transaction that waits for our reply, as the link names it.</summary>
    public required string Transaction { get; init; }

    public required string Method { get; init; }

    public required SipUri Uri { get; init; }

    public required NameAddress From { get; init; }

    public required NameAddress To { get; init; }

    public required string CallId { get; init; }

    public required long CSeq { get; init; }

    /// <summary>Our tag: the To tag of an in-dialog request, else the one Kamailio will use.</summary>
    public required string LocalTag { get; init; }

    /// <summary>Identities the trusted side asserted or the edge authenticated; empty when there is none.</summary>
    public ImmutableArray<NameAddress> Identities { get; init; } = [];

    /// <summary>It came from the core, whose word counts and who may hear what is not for handsets; RFC 3324.</summary>
    public bool IsTrusted { get; init; }

    /// <summary>Which half is to run; only the core can say so.</summary>
    public SessionCase SessionCase { get; init; }

    public NameAddress? Contact { get; init; }

    /// <summary>
    /// Record-Route values in order: the route set of a dialog in which we are the called side, RFC 3261 12.1.1.
    /// </summary>
    public ImmutableArray<string> RouteSet { get; init; } = [];

    public SipHeaders Headers { get; init; } = SipHeaders.Empty;
}
