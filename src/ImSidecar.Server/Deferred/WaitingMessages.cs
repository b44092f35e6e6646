using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Msrp;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Stores;
using Microsoft.Extensions.Hosting;

namespace ImSidecar.Server.Deferred;

/// <summary>
/// After a start: users for whom something is kept and who are there hear of it, for the word of that may be lost with the
/// node before.
/// </summary>
internal sealed class WaitingMessages(
    IDeferredMessageStore store, AggregateRouter router, ServedUserIds ids, Recovery recovery,
    Live<OperatorPolicy> policy,
    TimeProvider time) : BackgroundService
{
    private const int AtOnce = 500;
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        if (!policy.Value.Deferred.IsOn)
            return;

        try
        {
            await recovery.Done.WaitAsync(stopping);
            for (var last = ""; ;)
            {
                var users = await ReadAsync(last, stopping);
                foreach (var user in users)
                    router.TryPost(ids.OfKey(user), new MessagesWait());
                if (users.Length < AtOnce)
                    return;

                // A thousand INVITEs at once would be for nobody's good.
                last = users[^1];
                await Task.Delay(_pause, time, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private async Task<System.Collections.Immutable.ImmutableArray<string>> ReadAsync(
        string after, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                return await store.UsersAsync(after, AtOnce, stopping);
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(_pause, time, stopping);
            }
        }
    }
}
