using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>Keeps the documents in use current, and tells the watch which ones they are.</summary>
internal sealed class DocumentSweep(
    RemoteDocuments documents,
    XcapClientOptions options,
    TimeProvider time,
    ILogger<DocumentSweep> logger,
    IDocumentWatch? watch = null) : BackgroundService
{
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(10);

    private HashSet<Protocol.Xdm.DocumentSelector> _watched = [];

    // Those who wait for an answer come first.
    private int Concurrency => Math.Max(1, options.MaxConcurrent / 4);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.RevalidateAfter / 10;
        if (interval > _longest)
            interval = _longest;

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(interval, time, stoppingToken);
                await documents.SweepAsync(Concurrency, stoppingToken);
                Watch();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.SweepFailed(logger, exception);
            }
        }
    }

    private void Watch()
    {
        if (watch is null)
            return;

        var inUse = documents.InUse();
        if (_watched.SetEquals(inUse))
            return;

        _watched = [.. inUse];
        watch.Watch(inUse);
    }
}
