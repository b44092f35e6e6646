using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Msrp;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Deferred;

/// <summary>
/// Takes out of the store what has expired, and has senders told what became of their messages; what waits for that is in
/// the store, so nothing is forgotten with the node.
/// </summary>
internal sealed class DeferredSweep(
    IDeferredMessageStore store, AggregateRouter router, MessageIds ids, Recovery recovery, Live<OperatorPolicy> policy,
    TimeProvider time, ILogger<DeferredSweep> logger) : BackgroundService
{
    private const int AtOnce = 256;
    private const int RoundsToCount = 5;
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);
    private int _rounds;

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        if (!policy.Value.Participating.IsOn)
            return;

        try
        {
            await recovery.Done.WaitAsync(stopping);
            while (true)
            {
                if (!await SweepAsync(stopping))
                    await Task.Delay(_interval, time, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    /// <summary>True when there is more of it.</summary>
    private async Task<bool> SweepAsync(CancellationToken stopping)
    {
        try
        {
            var expired = await store.ExpireAsync(time.GetUtcNow(), AtOnce, stopping);
            if (expired > 0)
                Log.Expired(logger, expired);

            // Each is forgotten by the store when its message to the sender is saved, which is after this.
            var notices = await store.NoticesAsync(4 * AtOnce, stopping);
            await Task.WhenAll(notices.Select(each =>
                router.PostAndSettleAsync(ids.OfNotice(each), new NoticeWanted(each))));
            if (_rounds++ % RoundsToCount == 0)
                await store.CountAllAsync(stopping);
            return expired == AtOnce;
        }
        catch (StoreUnavailableException)
        {
            // Its health says so, and the next round comes soon.
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            Log.NotSwept(logger, bug);
        }

        return false;
    }
}
