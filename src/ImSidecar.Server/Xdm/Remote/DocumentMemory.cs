using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>
/// Remembers in the store what the XDMS said, for a node that starts while the XDMS is down. It is written behind the
/// readers' backs: when the node dies before, an older version is remembered, with the age it has.
/// </summary>
internal sealed class DocumentMemory(
    IRemoteDocumentStore store, XcapClientOptions options, TimeProvider time, ILogger<DocumentMemory> logger)
    : BackgroundService
{
    private const int MaxBatch = 64;
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<DocumentSelector, RememberedChange> _waiting = [];
    private readonly SemaphoreSlim _news = new(0, 1);
    private DateTimeOffset _pruneAt;

    /// <summary>How old what is remembered of a confirmation may be.</summary>
    public TimeSpan Imprecision => options.KeepFor / 10;

    public async ValueTask<RememberedDocument?> RecallAsync(
        DocumentSelector selector, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_waiting.TryGetValue(selector, out var change) && change.ConfirmedAt is null)
                return change.Document;
        }

        try
        {
            // One that was confirmed in the future has an age that nobody knows: the clock was set back meanwhile.
            return await store.ReadAsync(options.Root, selector, cancellation) is { } document
                && document.ConfirmedAt <= time.GetUtcNow() ? document : null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.NotRecalled(logger, selector, exception);
            return null;
        }
    }

    public void Note(RememberedChange change)
    {
        lock (_gate)
        {
            // While the store fails no more waits than is kept.
            if (_waiting.Count >= options.MaxDocuments && !_waiting.ContainsKey(change.Selector))
                return;

            // The document that waits is the one that is confirmed.
            _waiting[change.Selector] = change.ConfirmedAt is { } confirmedAt
                && _waiting.GetValueOrDefault(change.Selector)?.Document is { } document
                    ? change with { Document = document with { ConfirmedAt = confirmedAt }, ConfirmedAt = null }
                    : change;
            if (_news.CurrentCount == 0)
                _news.Release();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await _news.WaitAsync(stoppingToken);
                if (!await WriteAsync(stoppingToken))
                    await Task.Delay(_pause, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // False when something is left that could not be written.
    private async Task<bool> WriteAsync(CancellationToken cancellation)
    {
        while (Take() is { Count: > 0 } changes)
        {
            try
            {
                await store.WriteAsync(options.Root, changes, cancellation);
                await PruneAsync(cancellation);
            }
            catch (Exception exception)
            {
                PutBack(changes);
                // A failing store says so itself.
                if (exception is not (StoreUnavailableException or OperationCanceledException))
                    Log.NotRemembered(logger, exception);
                return false;
            }
        }

        return true;
    }

    private async ValueTask PruneAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (now < _pruneAt)
            return;

        await store.PruneAsync(now - options.KeepFor, options.MaxDocuments, cancellation);
        _pruneAt = now + Imprecision;
    }

    private List<RememberedChange> Take()
    {
        lock (_gate)
        {
            List<RememberedChange> changes = [.. _waiting.Values.Take(MaxBatch)];
            foreach (var change in changes)
                _waiting.Remove(change.Selector);
            return changes;
        }
    }

    private void PutBack(List<RememberedChange> changes)
    {
        lock (_gate)
        {
            foreach (var change in changes)
                _waiting.TryAdd(change.Selector, change);
            if (_news.CurrentCount == 0)
                _news.Release();
        }
    }
}
