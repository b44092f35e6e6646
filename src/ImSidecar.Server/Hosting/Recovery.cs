using ImSidecar.Core.Conferences;
using ImSidecar.Grpc.Health;
using ImSidecar.Server.Stores.Format;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// Resumes every stored aggregate before the first link is served, and leaves none half done at the end.
/// </summary>
internal sealed class Recovery(
    IAggregateStore store, AggregateRouter router, HealthBoard health, ILogger<Recovery> logger) : IHostedService
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    public async Task StartAsync(CancellationToken cancellation)
    {
        // Reading is most of the work: as many at once as there are processors.
        var count = 0;
        await Parallel.ForEachAsync(store.ActiveAsync(cancellation), cancellation, async (id, each) =>
        {
            if (await LoadAsync(id, each) is not { } stored)
                return;

            lock (_gate)
            {
                router.Resume(stored);
                count++;
            }
        });

        // Peers come back at once: who finds no leg is told that his session is over.
        await router.WaitUntilResumedAsync(_patience, cancellation);
        Log.Resumed(logger, count);
        health.Set("", true);
        _done.SetResult();
    }

    public Task StopAsync(CancellationToken cancellation) => router.DrainAsync(cancellation);

    // One that cannot be read costs itself, not the node; its mailbox will find the same.
    private async ValueTask<StoredAggregate?> LoadAsync(AggregateId id, CancellationToken cancellation)
    {
        try
        {
            return await store.LoadAsync(id, cancellation);
        }
        catch (StoredFormatException error)
        {
            Log.Unreadable(logger, id.Kind, id, error.Message);
            return null;
        }
    }
}
