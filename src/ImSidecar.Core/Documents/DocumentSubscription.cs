using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Documents;

/// <summary>A client's subscription to XCAP documents of ours, one for each dialog; RFC 5875.</summary>
public sealed record DocumentSubscription : Aggregate
{
    public required Subscription Subscription { get; init; }

    /// <summary>Our Contact in its dialog.</summary>
    public required SipUri Contact { get; init; }

    /// <summary>The event package as the client calls it.</summary>
    public required string Package { get; init; }

    /// <summary>The client asked for a way of processing and is told ours.</summary>
    public bool NamesProcessing { get; init; }

    /// <summary>Address keys of the subscriber, in all the forms that were asserted.</summary>
    public ImmutableArray<string> Identities { get; init; } = [];

    public ImmutableArray<DocumentTarget> Targets { get; init; } = [];

    /// <summary>The documents with the ETags that the last NOTIFY left the client with.</summary>
    public ImmutableArray<ToldDocument> Told { get; init; } = [];

    /// <summary>Something has changed that has to wait for its NOTIFY.</summary>
    public bool HasNews { get; init; }
}

/// <summary>A document as the client has been told of it.</summary>
public sealed record ToldDocument(DocumentSelector Document, string ETag);
