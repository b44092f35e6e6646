using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Xdm;

namespace ImSidecar.Server.Tests.Xdm.Diff;

/// <summary>Documents without contents, in memory: a store that is written by the test and tells of it.</summary>
internal sealed class ListedDocuments : IDocumentStore, IXdmDocuments
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DocumentSelector, DocumentEntry> _entries = [];
    private readonly Dictionary<string, DocumentSelector> _groups = [];

    public event Action<DocumentSelector>? Changed;

    public bool Fails { get; set; }

    public int Reads { get; private set; }

    public void Put(DocumentSelector document, string? etag, string? group = null)
    {
        lock (_gate)
        {
            if (etag is null)
                _entries.Remove(document);
            else
                _entries[document] = new(document, etag, default, 1);
            if (group is not null)
                _groups[group] = document;
        }

        Changed?.Invoke(document);
        if (group is not null)
            Changed?.Invoke(DocumentSelector.OfGroup(group));
    }

    public ValueTask<IReadOnlyList<GroupOfDocument>> ListGroupsAsync(
        string? owner, string after, int most, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public ValueTask<IReadOnlyList<DocumentEntry>> ListAsync(
        string user, string? auid, CancellationToken cancellation)
    {
        lock (_gate)
        {
            Reads++;
            if (Fails)
                throw new StoreUnavailableException("disk broken");

            return ValueTask.FromResult<IReadOnlyList<DocumentEntry>>([.. _entries.Values.Where(each =>
                each.Selector.User == user && (auid is null || each.Selector.Auid == auid))]);
        }
    }

    public ValueTask<StoredDocument?> FindGroupAsync(string addressKey, CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(
                _groups.TryGetValue(addressKey, out var selector) && _entries.TryGetValue(selector, out var entry)
                    ? new StoredDocument(entry, default)
                    : null);
    }

    public ValueTask<StoredDocument?> ReadAsync(DocumentSelector selector, CancellationToken cancellation) =>
        throw new NotSupportedException();

    ValueTask<XdmDocument?> IXdmDocuments.ReadAsync(DocumentSelector selector, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public ValueTask<DocumentOutcome> WriteAsync(DocumentWrite write, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
