using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Msrp;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Telemetry.Tracing;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Deferred;

/// <summary>
/// Performs what rules want of the message store, beside the mailbox: what came of it comes back as an event.
/// </summary>
internal sealed class DeferredEffects(
    IDeferredMessageStore store, DeliveryRunner deliveries, Live<OperatorPolicy> policy, TimeProvider time,
    ILogger<DeferredEffects> logger)
{
    // What is on its way into the store lies in memory until then, and its senders wait.
    private const int MostUnderway = 4096;
    private const long MostBytesUnderway = 256L * 1024 * 1024;

    private int _underway;
    private long _bytesUnderway;

    /// <summary>False if it is none of these effects.</summary>
    public bool TryPerform(AggregateId by, AggregateRouter router, Effect effect)
    {
        switch (effect)
        {
            case Defer defer:
                _ = KeepAsync(by, router, defer);
                return true;
            case Deliver deliver:
                deliveries.Begin(deliver, outcome => router.TryPost(by, new DeliveryEnded(deliver.Media.SessionId, outcome)));
                return true;
            case ForgetNotice notice:
                _ = ForgetAsync(notice.Number);
                return true;
            case RemoveDeferred remove:
                _ = RemoveAsync(by, router, remove);
                return true;
            default:
                return false;
        }
    }

    private async Task KeepAsync(AggregateId by, AggregateRouter router, Defer defer)
    {
        var outcome = await AddAsync(by, defer.Message);
        router.Post(by, new DeferralSettled(defer.Transaction, outcome));
    }

    private async Task<Deferral> AddAsync(AggregateId by, DeferredMessage message)
    {
        using var part = Traces.Part("deferred.store");
        var size = message.Content.Size;
        try
        {
            var underway = Interlocked.Increment(ref _underway);
            var bytes = Interlocked.Add(ref _bytesUnderway, size);
            return underway > MostUnderway || bytes > MostBytesUnderway
                ? Deferral.Unavailable
                : await store.AddAsync(message, policy.Value.Deferred.Quota, CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            return Deferral.Unavailable;
        }
        catch (Exception bug)
        {
            Log.NotKept(logger, by, bug);
            return Deferral.Unavailable;
        }
        finally
        {
            Interlocked.Decrement(ref _underway);
            Interlocked.Add(ref _bytesUnderway, -size);
        }
    }

    // It comes again, and is known for a while.
    private async Task ForgetAsync(long number)
    {
        try
        {
            await store.ForgetNoticesAsync([number], CancellationToken.None);
        }
        catch (Exception error)
        {
            Log.NoticeKept(logger, error);
        }
    }

    // Who waits in vain asks again.
    private async Task RemoveAsync(AggregateId by, AggregateRouter router, RemoveDeferred remove)
    {
        try
        {
            await store.RemoveAsync(
                remove.User, remove.Numbers, remove.End, time.GetUtcNow(), CancellationToken.None);
            router.TryPost(by, new DeferredRemoved(remove.Numbers));
        }
        catch (Exception error)
        {
            Log.NotRemoved(logger, by, error);
        }
    }
}
