using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Options;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm;

/// <summary>
/// Group documents with all they refer to, compiled, and kept until one of those documents changes: what the rules ask
/// costs a look-up.
/// </summary>
internal sealed class Groups : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly Dictionary<DocumentSelector, HashSet<Entry>> _readers = [];
    private readonly Queue<Entry> _oldest = new();
    private readonly IXdmDocuments _documents;
    private readonly XdmOptions _options;
    private readonly ILogger _logger;
    private readonly ImmutableArray<string> _roots;

    public Groups(IXdmDocuments documents, XdmOptions options, ILogger<Groups> logger)
    {
        _documents = documents;
        _options = options;
        _logger = logger;
        _roots = [.. options.Roots];
        documents.Changed += OnDocumentChanged;
    }

    /// <summary>The address key of a group whose document, or one it refers to, has changed.</summary>
    public event Action<string>? Changed;

    /// <summary>What the XDMS says of the group; never throws for what it says, or does not say.</summary>
    public ValueTask<GroupFacts> OfAsync(SipUri group)
    {
        var key = group.AddressKey;
        Entry? entry;
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out entry))
                return entry.Facts.IsCompleted ? new(entry.Facts.Result) : new(entry.Facts);

            entry = new(key);
            _entries.Add(key, entry);
            _oldest.Enqueue(entry);
            Evict();
        }

        return ReadForAllAsync(entry);
    }

    /// <summary>
    /// Asks for the documents of a group in use again: so they stay in use at a remote XDMS, and a change that nobody
    /// told of is found.
    /// </summary>
    public async Task ReviewAsync(SipUri group)
    {
        Entry? entry;
        lock (_gate)
            _entries.TryGetValue(group.AddressKey, out entry);

        foreach (var (selector, etag) in entry?.Read ?? [])
        {
            if (await TryReadAsync(group.AddressKey, selector) is (true, var document) && document?.ETag != etag)
            {
                OnDocumentChanged(selector);
                return;
            }
        }
    }

    public void Dispose() => _documents.Changed -= OnDocumentChanged;

    // Who asks meanwhile waits for the same reading.
    private async ValueTask<GroupFacts> ReadForAllAsync(Entry entry)
    {
        var facts = await ReadAsync(entry);
        entry.Complete(facts);
        return facts;
    }

    private async ValueTask<GroupFacts> ReadAsync(Entry entry)
    {
        try
        {
            var lookup = DocumentSelector.OfGroup(entry.Key);
            return await ReadAsync(entry, lookup) is { } document
                ? await CompileAsync(entry, document)
                : GroupFacts.None;
        }
        catch (XdmUnavailableException unavailable)
        {
            Log.GroupUnavailable(_logger, entry.Key, unavailable.Message);
            Forget(entry);
            return GroupFacts.Unusable("Group document is not available");
        }
        catch (Exception bug)
        {
            Log.GroupFailed(_logger, entry.Key, bug);
            Forget(entry);
            return GroupFacts.Unusable("Group document cannot be used");
        }
    }

    private async ValueTask<GroupFacts> CompileAsync(Entry entry, XdmDocument document)
    {
        if (!GroupDocumentXml.TryParse(document.Content, out var services, out var error))
            return Unusable(entry, error);

        if (services.FirstOrDefault(each => each.Uri.AddressKey == entry.Key) is not { } service)
            return Unusable(entry, "it is not about this group");

        var loaded = new Dictionary<DocumentSelector, ReferencedDocument>();
        while (true)
        {
            var expansion = ResolvedGroup.Expand(service, loaded, _roots, document.Owner);
            if (expansion.Resolved is { } group)
            {
                foreach (var problem in group.Problems)
                    Log.GroupProblem(_logger, entry.Key, problem);
                return GroupFacts.Of(group);
            }

            foreach (var missing in expansion.Missing)
                loaded.Add(missing, Referenced(await ReadAsync(entry, missing)));
        }
    }

    internal static ReferencedDocument Referenced(XdmDocument? document) =>
        document is null ? new(null)
        : ResourceListsXml.TryParse(document.Content, out var lists, out var error) ? new(lists)
        : new(null, error);

    private GroupFacts Unusable(Entry entry, string problem)
    {
        Log.GroupProblem(_logger, entry.Key, problem);
        return GroupFacts.Unusable("Group document cannot be used");
    }

    // A change between the two lines finds the reader: what was read is not kept then.
    private async ValueTask<XdmDocument?> ReadAsync(Entry entry, DocumentSelector selector)
    {
        Subscribe(entry, selector);
        var document = await _documents.ReadAsync(selector, CancellationToken.None);
        entry.HasRead(selector, document?.ETag);
        return document;
    }

    private async ValueTask<(bool IsKnown, XdmDocument? Document)> TryReadAsync(
        string group, DocumentSelector selector)
    {
        try
        {
            return (true, await _documents.ReadAsync(selector, CancellationToken.None));
        }
        catch (XdmUnavailableException)
        {
            return default;
        }
        catch (Exception bug)
        {
            // One group is not to end the review of all others.
            Log.GroupFailed(_logger, group, bug);
            return default;
        }
    }

    private void Subscribe(Entry entry, DocumentSelector selector)
    {
        lock (_gate)
        {
            // Nobody finds it any more: it is read to the end for those who wait.
            if (!_entries.TryGetValue(entry.Key, out var current) || current != entry)
                return;

            if (!_readers.TryGetValue(selector, out var readers))
                _readers.Add(selector, readers = []);
            readers.Add(entry);
            entry.HasRead(selector, null);
        }
    }

    private void OnDocumentChanged(DocumentSelector selector)
    {
        Entry[] stale;
        lock (_gate)
        {
            stale = _readers.TryGetValue(selector, out var readers) ? [.. readers] : [];
            foreach (var entry in stale)
                Remove(entry);
        }

        foreach (var entry in stale)
            Changed?.Invoke(entry.Key);
    }

    private void Forget(Entry entry)
    {
        lock (_gate)
            Remove(entry);
    }

    private void Evict()
    {
        while (_entries.Count > _options.MaxGroups || _oldest.Count > 2 * _options.MaxGroups)
            Remove(_oldest.Dequeue());
    }

    private void Remove(Entry entry)
    {
        if (_entries.TryGetValue(entry.Key, out var current) && current == entry)
            _entries.Remove(entry.Key);

        foreach (var (selector, _) in entry.Read)
        {
            if (_readers.TryGetValue(selector, out var readers) && readers.Remove(entry) && readers.Count == 0)
                _readers.Remove(selector);
        }
    }

    /// <summary>A group as it was read, or is being read.</summary>
    private sealed class Entry(string key)
    {
        private readonly TaskCompletionSource<GroupFacts> _facts =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Key => key;

        /// <summary>What it was read from, with the ETags: null where there was none.</summary>
        public ImmutableDictionary<DocumentSelector, string?> Read { get; private set; } =
            ImmutableDictionary<DocumentSelector, string?>.Empty;

        public Task<GroupFacts> Facts => _facts.Task;

        public void Complete(GroupFacts facts) => _facts.SetResult(facts);

        public void HasRead(DocumentSelector selector, string? etag) => Read = Read.SetItem(selector, etag);
    }
}
