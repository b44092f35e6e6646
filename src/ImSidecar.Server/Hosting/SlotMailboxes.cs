using ImSidecar.Core.Conferences;
using ImSidecar.Server.Cluster;

namespace ImSidecar.Server.Hosting;

/// <summary>The mailboxes of this node, as the cluster moves them by slots.</summary>
internal sealed class SlotMailboxes(Recovery recovery, AggregateRouter router) : ISlotHolder
{
    // Who waits for the store does not hold up the next epoch: nothing of his is saved any more.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    public Task TakeUpAsync(IReadOnlySet<Slot> slots, CancellationToken cancellation) =>
        recovery.TakeUpAsync(slots, cancellation);

    public Task GiveUpAsync(IReadOnlySet<Slot> slots, CancellationToken cancellation) =>
        router.GiveUpAsync(slots, cancellation);

    public Task DropAllAsync() => Task.WhenAny(router.DropAllAsync(), Task.Delay(_patience));
}
