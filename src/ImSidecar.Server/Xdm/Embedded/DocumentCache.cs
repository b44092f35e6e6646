using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>
/// Documents that were read or written lately, and names that were asked for in vain; bounded, the least used goes.
/// </summary>
internal sealed class DocumentCache(long capacity)
{
    private const int EntryBytes = 512;
    private const int Stripes = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<DocumentSelector, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private readonly long[] _versions = new long[Stripes];
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>True when it is known; null then means that there is none. The version is for Keep.</summary>
    public bool TryGet(DocumentSelector selector, out StoredDocument? document, out long version)
    {
        lock (_lock)
        {
            version = _versions[StripeOf(selector)];
            document = null;
            if (!_entries.TryGetValue(selector, out var node))
                return false;

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            document = node.Value.Document;
            return true;
        }
    }

    /// <summary>Keeps what was read, unless it was written since the version was taken.</summary>
    public void Keep(DocumentSelector selector, StoredDocument? document, long version)
    {
        lock (_lock)
        {
            if (_versions[StripeOf(selector)] == version)
                Set(selector, document);
        }
    }

    /// <summary>For <see cref="Replace"/>.</summary>
    public long VersionOf(DocumentSelector selector)
    {
        lock (_lock)
            return _versions[StripeOf(selector)];
    }

    /// <summary>
    /// The document is now this one, unless there was news of it since the version was taken: then nobody knows.
    /// </summary>
    public void Replace(DocumentSelector selector, StoredDocument? document, long version)
    {
        lock (_lock)
        {
            if (_versions[StripeOf(selector)]++ == version)
                Set(selector, document);
            else
                Remove(selector);
        }
    }

    /// <summary>What is known of it is no longer true.</summary>
    public void Forget(DocumentSelector selector)
    {
        lock (_lock)
        {
            _versions[StripeOf(selector)]++;
            Remove(selector);
        }
    }

    /// <summary>Nothing that is known counts any more; what it was about.</summary>
    public DocumentSelector[] Clear()
    {
        lock (_lock)
        {
            DocumentSelector[] known = [.. _entries.Keys];
            for (var stripe = 0; stripe < Stripes; stripe++)
                _versions[stripe]++;
            _entries.Clear();
            _byUse.Clear();
            _bytes = 0;
            return known;
        }
    }

    private void Set(DocumentSelector selector, StoredDocument? document)
    {
        Remove(selector);
        var entry = new Entry(selector, document, EntryBytes + (document?.Content.Length ?? 0));
        if (entry.Bytes > capacity)
            return;

        _entries[selector] = _byUse.AddFirst(entry);
        _bytes += entry.Bytes;
        while (_bytes > capacity)
            Remove(_byUse.Last!.Value.Selector);
    }

    private void Remove(DocumentSelector selector)
    {
        if (!_entries.Remove(selector, out var node))
            return;

        _byUse.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private static int StripeOf(DocumentSelector selector) => (int)((uint)selector.GetHashCode() % Stripes);

    private sealed record Entry(DocumentSelector Selector, StoredDocument? Document, long Bytes);
}
