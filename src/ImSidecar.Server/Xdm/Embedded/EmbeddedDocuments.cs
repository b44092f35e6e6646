using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>The documents of the embedded XDMS, from the store through a cache.</summary>
internal sealed class EmbeddedDocuments : IXdmDocuments, IDisposable
{
    private const int Stripes = 256;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly IDocumentStore _store;
    private readonly ILogger<EmbeddedDocuments> _logger;
    private readonly DocumentCache _cache;

    // Who changes a document reads it first: in turn, so that nobody has to begin again.
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1))];

    public EmbeddedDocuments(
        IDocumentStore store, IOptions<XcapServerOptions> options, ILogger<EmbeddedDocuments> logger)
    {
        _store = store;
        _logger = logger;
        _cache = new(options.Value.CacheBytes);
        store.ChangedElsewhere += OnChangedElsewhere;
    }

    public event Action<DocumentSelector>? Changed;

    public long CachedBytes => _cache.Bytes;

    public async ValueTask<XdmDocument?> ReadAsync(DocumentSelector selector, CancellationToken cancellation)
    {
        try
        {
            var stored = await FindAsync(selector, cancellation);
            return stored is null ? null
                : new(selector, stored.Entry.ETag, stored.Content) { Owner = stored.Entry.Selector.User };
        }
        catch (Exception error) when (error is SqliteException or StoreUnavailableException)
        {
            throw new XdmUnavailableException("The store cannot be read", error);
        }
    }

    /// <summary>The document, or the one that holds the group; it knows its place in the tree of its owner.</summary>
    public async ValueTask<StoredDocument?> FindAsync(DocumentSelector selector, CancellationToken cancellation)
    {
        if (_cache.TryGet(selector, out var known, out var version))
            return known;

        var document = selector.GroupKey is { } group
            ? await _store.FindGroupAsync(group, cancellation)
            : await _store.ReadAsync(selector, cancellation);
        _cache.Keep(selector, document, version);
        return document;
    }

    public ValueTask<IReadOnlyList<DocumentEntry>> ListAsync(
        string user, string? auid, CancellationToken cancellation) => _store.ListAsync(user, auid, cancellation);

    /// <summary>Groups behind that one, of one owner or with null of all, in the order of their URIs.</summary>
    public ValueTask<IReadOnlyList<GroupOfDocument>> ListGroupsAsync(
        string? owner, string after, int most, CancellationToken cancellation) =>
        _store.ListGroupsAsync(owner, after, most, cancellation);

    /// <summary>Until it is disposed of, nobody else changes the document.</summary>
    /// <exception cref="TimeoutException">The others take too long.</exception>
    public async ValueTask<IDisposable> TakeTurnAsync(DocumentSelector selector, CancellationToken cancellation)
    {
        var turn = _turns[(uint)selector.GetHashCode() % Stripes];
        return await turn.WaitAsync(_patience, cancellation)
            ? new Turn(turn)
            : throw new TimeoutException("Others are still writing");
    }

    /// <summary>Called by who has the turn. Durable when it returns, and then others are told.</summary>
    public async ValueTask<DocumentOutcome> WriteAsync(DocumentWrite write, CancellationToken cancellation)
    {
        DocumentOutcome outcome;
        var version = _cache.VersionOf(write.Selector);
        try
        {
            outcome = await _store.WriteAsync(write, cancellation);
        }
        catch (Exception error) when (error is not StoreUnavailableException { NothingWritten: true })
        {
            // It may have been written all the same, and nobody knows which groups it held.
            _cache.Clear();
            Raise([write.Selector, .. write.Groups.Select(DocumentSelector.OfGroup)]);
            throw;
        }

        if (outcome.Result != DocumentResult.Written)
        {
            _cache.Forget(write.Selector);
            return outcome;
        }

        _cache.Replace(write.Selector, Stored(write), version);
        DocumentSelector[] groups =
            [.. write.Groups.Union(outcome.FormerGroups, StringComparer.Ordinal).Select(DocumentSelector.OfGroup)];
        foreach (var group in groups)
            _cache.Forget(group);

        Raise([write.Selector, .. groups]);
        return outcome;
    }

    public void Dispose()
    {
        _store.ChangedElsewhere -= OnChangedElsewhere;
        foreach (var turn in _turns)
            turn.Dispose();
    }

    private void OnChangedElsewhere(IReadOnlyList<DocumentSelector>? changed)
    {
        if (changed is null)
        {
            Raise(_cache.Clear());
            return;
        }

        foreach (var selector in changed)
            _cache.Forget(selector);
        Raise([.. changed.Distinct()]);
    }

    // The document is written: who cannot take the news neither changes that nor keeps it from the others.
    private void Raise(DocumentSelector[] changed)
    {
        foreach (var selector in changed)
        {
            foreach (var handler in Delegate.EnumerateInvocationList(Changed))
            {
                try
                {
                    handler(selector);
                }
                catch (Exception error)
                {
                    Log.HandlerFailed(_logger, selector, error);
                }
            }
        }
    }

    private static StoredDocument? Stored(DocumentWrite write) =>
        write.Content is { } content
            ? new(new(write.Selector, write.ETag, write.Modified, content.Length), content)
            : null;

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
