using ImSidecar.Core.Conferences;
using ImSidecar.Grpc.Health;
using ImSidecar.Server.Cluster;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// Has every stored aggregate resumed that nothing wakes up before, while the link is served already; leaves none half done
/// at the end.
/// </summary>
internal sealed class Recovery(
    IAggregateStore store, AggregateRouter router, HealthBoard health, IOwnership ownership, ILogger<Recovery> logger)
    : IHostedService, IDisposable
{
    // Enough to keep the store busy; who is woken up by an event waits behind few of them.
    private const int AtOnce = 8;
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _work = Task.CompletedTask;

    /// <summary>All that was stored at the start is resumed.</summary>
    public Task Done => _done.Task;

    public Task StartAsync(CancellationToken cancellation)
    {
        var began = router.Resumption.Begin();
        health.Set("", true);
        if (ownership is not Alone)
        {
            // Of several nodes each resumes what it gets.
            began.Dispose();
            _done.SetResult();
            return Task.CompletedTask;
        }

        _work = Task.Run(
            async () =>
            {
                var count = await ResumeAsync(slots: null, began, _stopping.Token);
                Log.Resumed(logger, count);
                _done.SetResult();
            },
            CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Resumes what is stored in these slots, null: in all; ends when nothing of it is left. What concerns one of them
    /// meanwhile finds it.
    /// </summary>
    public Task TakeUpAsync(IReadOnlySet<Slot>? slots, CancellationToken cancellation) =>
        ResumeAsync(slots, router.Resumption.Begin(), cancellation);

    public async Task StopAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await router.DrainAsync(cancellation);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task<int> ResumeAsync(IReadOnlySet<Slot>? slots, IDisposable began, CancellationToken cancellation)
    {
        using var underway = began;
        while (true)
        {
            try
            {
                return await ResumeAsync(slots, cancellation);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                Log.NotResumed(logger, failure);
                await Task.Delay(_pause, cancellation);
            }
        }
    }

    private async Task<int> ResumeAsync(IReadOnlySet<Slot>? slots, CancellationToken cancellation)
    {
        var count = 0;
        var ids = slots is null ? store.ActiveAsync(cancellation) : store.ActiveAsync(slots, cancellation);
        var bounds = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(ids, bounds, async (id, each) =>
        {
            await router.Reinvites.RoomAsync(each);
            while (!await router.ResumeAsync(id))
                await Task.Delay(_pause, each);
            Interlocked.Increment(ref count);
        });
        return count;
    }
}
