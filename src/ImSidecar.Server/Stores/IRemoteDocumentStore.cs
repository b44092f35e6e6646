using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Stores;

/// <summary>
/// Keeps what a remote XDMS said last, so that a node that starts while the XDMS is down has it. Documents of another
/// XCAP root are not found.
/// </summary>
internal interface IRemoteDocumentStore
{
    ValueTask<RememberedDocument?> ReadAsync(
        string root, DocumentSelector selector, CancellationToken cancellation);

    /// <summary>All changes in one step, in their order; nothing when the store fails.</summary>
    ValueTask WriteAsync(
        string root, IReadOnlyList<RememberedChange> changes, CancellationToken cancellation);

    /// <summary>Forgets what was confirmed before, and of the rest all but the latest.</summary>
    ValueTask PruneAsync(DateTimeOffset before, int most, CancellationToken cancellation);
}

/// <summary>A document as the XDMS gave it; the tag as it goes into If-None-Match.</summary>
internal sealed record RememberedDocument(string? Tag, DateTimeOffset ConfirmedAt, ReadOnlyMemory<byte> Content);

/// <summary>What is known now of a document: another one, the same as before and when, or nothing.</summary>
internal sealed record RememberedChange(DocumentSelector Selector)
{
    public RememberedDocument? Document { get; init; }

    /// <summary>Of the document that is remembered already.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }
}
