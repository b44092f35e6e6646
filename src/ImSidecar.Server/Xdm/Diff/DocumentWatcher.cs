using System.Collections.Immutable;
using ImSidecar.Core.Documents;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Xdm.Diff;

/// <summary>Between those who use the documents of a remote XDMS and our subscription to it.</summary>
internal sealed class DocumentWatcher : IDocumentWatch
{
    private DocumentWatch? _watch;

    public event Action<DocumentSelector, string?>? Changed;

    /// <summary>Other documents are in use than before.</summary>
    public event Action<ImmutableArray<DocumentSelector>>? Wanted;

    /// <summary>The last ones, for who began to listen later.</summary>
    public ImmutableArray<DocumentSelector> Documents { get; private set; } = [];

    public void Watch(IReadOnlyCollection<DocumentSelector> documents)
    {
        Documents = [.. documents];
        Wanted?.Invoke(Documents);
    }

    public bool IsWatching(DocumentSelector document) => Volatile.Read(ref _watch)?.IsWatching(document) is true;

    /// <summary>The subscription has become another; what differs in what it was told has changed.</summary>
    public void Change(DocumentWatch? before, DocumentWatch? after)
    {
        Volatile.Write(ref _watch, after);
        if (after is null || after.AwaitsFullState || after.Told == before?.Told)
            return;

        var known = (before?.Told ?? []).ToDictionary(told => told.Document, told => told.ETag);
        foreach (var told in after.Told)
        {
            if (!known.Remove(told.Document, out var etag) || etag != told.ETag)
                Changed?.Invoke(told.Document, told.ETag);
        }

        foreach (var gone in known.Keys.Where(after.Asked.Contains))
            Changed?.Invoke(gone, null);
    }
}
