using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Xdm;

/// <summary>Learns of changes at a remote XDMS without asking for each document: xcap-diff, RFC 5875.</summary>
internal interface IDocumentWatch
{
    /// <summary>
    /// A document in use has another ETag than before; null when it is gone, or may have changed and nobody knows how.
    /// May be raised for what is not in use, and twice; not while a lock is held that <see cref="IsWatching"/> takes.
    /// Handlers return at once and throw nothing.
    /// </summary>
    event Action<DocumentSelector, string? /* new ETag, without quotes */>? Changed;

    /// <summary>All documents in use: what was watched before and is not among them is no longer.</summary>
    void Watch(IReadOnlyCollection<DocumentSelector> documents);

    /// <summary>
    /// True as long as a change of the document would be told. What happens while it is false is told afterwards, or
    /// <see cref="Changed"/> is raised with null when it becomes true.
    /// </summary>
    bool IsWatching(DocumentSelector document);
}
