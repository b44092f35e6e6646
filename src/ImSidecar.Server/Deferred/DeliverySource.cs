using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;

namespace ImSidecar.Server.Deferred;

/// <summary>
/// Reads what is to be brought to users, in order and a little at a time: of thousands who read at once only few hold
/// something large.
/// </summary>
internal sealed class DeliverySource(IDeferredMessageStore store, TimeProvider time) : IDisposable
{
    private const int MostAtOnce = 16;
    private const int MostBytes = 64 * 1024;
    private const int MostLarge = 32;

    private readonly SemaphoreSlim _large = new(MostLarge);

    public IAsyncEnumerable<DeferredMessage> ReadAsync(Deliver wanted, CancellationToken cancellation) =>
        wanted.Only.IsDefaultOrEmpty ? AllAsync(wanted.User, cancellation) : OnlyAsync(wanted, cancellation);

    public void Dispose() => _large.Dispose();

    private async IAsyncEnumerable<DeferredMessage> AllAsync(
        string user, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var share = new Share(_large);
        for (var after = 0L; ;)
        {
            var from = after;
            var batch = await share.ReadAsync(
                () => store.ReadAsync(user, from, MostAtOnce, MostBytes, time.GetUtcNow(), cancellation), cancellation);
            if (batch.IsEmpty)
                yield break;

            foreach (var message in batch)
                yield return message;

            after = batch[^1].Number;
        }
    }

    private async IAsyncEnumerable<DeferredMessage> OnlyAsync(
        Deliver wanted, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var share = new Share(_large);
        foreach (var number in wanted.Only.Distinct().Order())
        {
            var found = await share.ReadAsync(() => FindAsync(wanted.User, number, cancellation), cancellation);
            foreach (var message in found)
                yield return message;
        }
    }

    private async ValueTask<ImmutableArray<DeferredMessage>> FindAsync(
        string user, long number, CancellationToken cancellation) =>
        await store.FindAsync(user, number, cancellation) is { } message && message.ExpiresAt > time.GetUtcNow()
            ? [message] : [];

    // Who meets something large needs one of the few places, and keeps it: there may be more.
    private sealed class Share(SemaphoreSlim places) : IDisposable
    {
        private bool _isTaken;

        public async ValueTask<ImmutableArray<DeferredMessage>> ReadAsync(
            Func<ValueTask<ImmutableArray<DeferredMessage>>> read, CancellationToken cancellation)
        {
            var batch = await read();
            if (_isTaken || batch.Sum(each => each.Content.Size) <= MostBytes)
                return batch;

            // What was read is let go while it waits.
            batch = [];
            await places.WaitAsync(cancellation);
            _isTaken = true;
            return await read();
        }

        public void Dispose()
        {
            if (_isTaken)
                places.Release();
        }
    }
}
