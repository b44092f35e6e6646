using System.Threading.Channels;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Msrp;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Deferred;

/// <summary>
/// Users for whom something is kept and who are there hear of it: after a start, and when other slots have become this
/// node's, for the word of that may be lost with the node before; and when another node has kept something.
/// </summary>
internal sealed class WaitingMessages(
    IDeferredMessageStore store, AggregateRouter router, ServedUserIds ids, Recovery recovery,
    IOwnership ownership, IWaitingNews news, Live<OperatorPolicy> policy, TimeProvider time,
    ILogger<WaitingMessages> logger) : BackgroundService
{
    private const int AtOnce = 500;
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _afterBug = TimeSpan.FromSeconds(30);

    // What has moved comes in several steps, and is loaded behind them.
    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(3);

    private readonly Channel<bool> _looks = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Something is kept for a user whom this node serves, or another one.</summary>
    public static ValueTask TellAsync(AggregateRouter router, IWaitingNews news, AggregateId id, string user)
    {
        if (!router.IsMine(id))
            return news.TellAsync(user);

        router.TryPost(id, new MessagesWait());
        return ValueTask.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        if (!policy.Value.Deferred.IsOn)
            return;

        var listening = news.ListenAsync(OnHeard, stopping);
        ownership.Changed += LookAgain;
        try
        {
            await recovery.Done.WaitAsync(stopping);
            await LookAsync(stopping);
            while (await _looks.Reader.WaitToReadAsync(stopping))
            {
                await Task.Delay(_settling, time, stopping);
                _looks.Reader.TryRead(out _);
                await LookAsync(stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        finally
        {
            ownership.Changed -= LookAgain;
            await listening;
        }
    }

    private void OnHeard(string? user)
    {
        if (user is null)
            LookAgain();
        else
            router.TryPost(ids.OfKey(user), new MessagesWait());
    }

    private void LookAgain() => _looks.Writer.TryWrite(true);

    private async Task LookAsync(CancellationToken stopping)
    {
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
            catch (Exception bug) when (bug is not OperationCanceledException)
            {
                Log.NotLooked(logger, bug);
                await Task.Delay(_afterBug, time, stopping);
            }
        }
    }
}
