using System.Collections.Immutable;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Telemetry.Tracing;

namespace ImSidecar.Server.Xdm;

/// <summary>
/// What is made of documents, kept until one of those changes; bounded, the oldest is forgotten first. What many ask for
/// at once is made once.
/// </summary>
internal sealed class CompiledDocuments<T> : IDisposable
    where T : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly Dictionary<DocumentSelector, HashSet<Entry>> _readers = [];
    private readonly Queue<Entry> _oldest = new();
    private readonly IXdmDocuments _documents;
    private readonly int _most;
    private readonly Func<Reading, ValueTask<T>> _make;
    private readonly Func<string, Exception, T> _fail;

    /// <param name="make">Reads what it needs by the reading it is given.</param>
    /// <param name="fail">What it is when making it throws: told to those who wait, and not kept.</param>
    public CompiledDocuments(
        IXdmDocuments documents, int most, Func<Reading, ValueTask<T>> make, Func<string, Exception, T> fail)
    {
        _documents = documents;
        _most = most;
        _make = make;
        _fail = fail;
        documents.Changed += OnDocumentChanged;
    }

    /// <summary>The key of something whose documents have changed.</summary>
    public event Action<string>? Changed;

    public ValueTask<T> OfAsync(string key)
    {
        Entry? entry;
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out entry))
                return entry.Made.IsCompleted ? new(entry.Made.Result) : new(entry.Made);

            entry = new(key);
            _entries.Add(key, entry);
            _oldest.Enqueue(entry);
            while (_entries.Count > _most || _oldest.Count > 2 * _most)
                Remove(_oldest.Dequeue());
        }

        return MakeForAllAsync(entry);
    }

    /// <summary>
    /// Asks for its documents again: so they stay in use at a remote XDMS, and a change that nobody told of is found.
    /// </summary>
    public async Task ReviewAsync(string key)
    {
        Entry? entry;
        lock (_gate)
            _entries.TryGetValue(key, out entry);

        foreach (var (selector, etag) in entry?.Read ?? [])
        {
            if (await TryReadAsync(key, selector) is (true, var document) && document?.ETag != etag)
            {
                OnDocumentChanged(selector);
                return;
            }
        }
    }

    public void Dispose() => _documents.Changed -= OnDocumentChanged;

    // Who asks meanwhile waits for the same reading.
    private async ValueTask<T> MakeForAllAsync(Entry entry)
    {
        using var part = Traces.Part("documents");
        T made;
        try
        {
            made = await _make(new(this, entry));
        }
        catch (Exception error)
        {
            made = _fail(entry.Key, error);
            lock (_gate)
                Remove(entry);
        }

        entry.Complete(made);
        return made;
    }

    private async ValueTask<(bool IsKnown, XdmDocument? Document)> TryReadAsync(string key, DocumentSelector selector)
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
            // One of them is not to end the review of all others.
            _ = _fail(key, bug);
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

    /// <summary>What is being made, and what is read for it.</summary>
    internal readonly struct Reading
    {
        private readonly CompiledDocuments<T> _all;
        private readonly Entry _entry;

        public Reading(CompiledDocuments<T> all, object entry)
        {
            _all = all;
            _entry = (Entry)entry;
        }

        public string Key => _entry.Key;

        // A change between the two lines finds the reader: what was read is not kept then.
        public async ValueTask<XdmDocument?> ReadAsync(DocumentSelector selector)
        {
            _all.Subscribe(_entry, selector);
            var document = await _all._documents.ReadAsync(selector, CancellationToken.None);
            _entry.HasRead(selector, document?.ETag);
            return document;
        }
    }

    private sealed class Entry(string key)
    {
        private readonly TaskCompletionSource<T> _made = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Key => key;

        /// <summary>What it was made of, with the ETags: null where there was none.</summary>
        public ImmutableDictionary<DocumentSelector, string?> Read { get; private set; } =
            ImmutableDictionary<DocumentSelector, string?>.Empty;

        public Task<T> Made => _made.Task;

        public void Complete(T made) => _made.SetResult(made);

        public void HasRead(DocumentSelector selector, string? etag) => Read = Read.SetItem(selector, etag);
    }
}
