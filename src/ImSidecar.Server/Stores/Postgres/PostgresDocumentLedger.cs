using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Stores.Postgres;

/// <summary>
/// What there is of the documents, users and groups that a batch is about, and what its writes make of it, one after
/// the other.
/// </summary>
internal sealed class PostgresDocumentLedger
{
    private readonly Dictionary<DocumentSelector, StoredState> _documents = [];
    private readonly Dictionary<string, DocumentSelector> _holders = [];
    private readonly Dictionary<string, (int Documents, long Bytes, int Groups)> _usage = [];

    /// <summary>What comes of each document in the end; null: it is deleted.</summary>
    public Dictionary<DocumentSelector, DocumentWrite?> Written { get; } = [];

    /// <summary>In order, with all the groups that one had or has.</summary>
    public List<(DocumentSelector Document, IReadOnlyList<string> Groups)> Changes { get; } = [];

    public void PutDocument(DocumentSelector selector, string etag, long size) =>
        _documents[selector] = new(etag, size, []);

    public void PutGroup(string uri, DocumentSelector holder)
    {
        _holders[uri] = holder;
        if (_documents.TryGetValue(holder, out var document) && !document.Groups.Contains(uri))
            document.Groups.Add(uri);
    }

    public void PutUsage(string owner, int documents, long bytes, int groups) =>
        _usage[owner] = (documents, bytes, groups);

    public DocumentOutcome Write(DocumentWrite write)
    {
        var selector = write.Selector;
        _documents.TryGetValue(selector, out var before);
        if (before?.ETag != write.ExpectedETag)
            return DocumentOutcome.Of(DocumentResult.Changed);

        List<string> former = before is null ? [] : [.. before.Groups];
        if (write.Content is { } content)
        {
            if (write.Groups.FirstOrDefault(uri => IsTaken(uri, selector)) is { } taken)
                return new(DocumentResult.GroupTaken, former, taken);

            var moreBytes = content.Length - (before?.Size ?? 0);
            if (Exceeds(write, before is null, moreBytes, write.Groups.Count - former.Count) is { } result)
                return new(result, former);
        }

        Put(write, before);
        Changes.Add((selector, [.. former.Union(write.Groups, StringComparer.Ordinal)]));
        return new(DocumentResult.Written, former);
    }

    private bool IsTaken(string uri, DocumentSelector selector) =>
        _holders.TryGetValue(uri, out var holder) && holder != selector;

    // Only what grows is refused: who is beyond a limit that was lowered can still shrink.
    private DocumentResult? Exceeds(DocumentWrite write, bool isNew, long moreBytes, int moreGroups)
    {
        var used = _usage.GetValueOrDefault(write.Selector.User ?? "");
        if (isNew && used.Documents >= write.Quota.Documents)
            return DocumentResult.TooManyDocuments;

        if (moreBytes > 0 && used.Bytes + moreBytes > write.Quota.Bytes)
            return DocumentResult.TooManyBytes;

        return moreGroups > 0 && used.Groups + moreGroups > write.Quota.Groups ? DocumentResult.TooManyGroups : null;
    }

    private void Put(DocumentWrite write, StoredState? before)
    {
        var selector = write.Selector;
        foreach (var uri in before?.Groups ?? [])
            _holders.Remove(uri);
        var used = _usage.GetValueOrDefault(selector.User ?? "");
        used = (used.Documents - (before is null ? 0 : 1), used.Bytes - (before?.Size ?? 0),
            used.Groups - (before?.Groups.Count ?? 0));
        if (write.Content is { } content)
        {
            _documents[selector] = new(write.ETag, content.Length, [.. write.Groups]);
            foreach (var uri in write.Groups)
                _holders[uri] = selector;
            used = (used.Documents + 1, used.Bytes + content.Length, used.Groups + write.Groups.Count);
        }
        else
        {
            _documents.Remove(selector);
        }

        _usage[selector.User ?? ""] = used;
        Written[selector] = write.Content is null ? null : write;
    }

    private sealed record StoredState(string ETag, long Size, List<string> Groups);
}
