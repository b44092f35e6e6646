using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Cluster;

/// <summary>The mailboxes, as the cluster moves them by slots.</summary>
internal interface ISlotHolder
{
    /// <summary>These are this node's: what is stored in them is resumed, here or in the background.</summary>
    Task TakeUpAsync(IReadOnlySet<Slot> slots, CancellationToken cancellation);

    /// <summary>These go to other nodes: when it returns nothing of them is in memory or being saved.</summary>
    Task GiveUpAsync(IReadOnlySet<Slot> slots, CancellationToken cancellation);

    /// <summary>This node has lost all at once: everything is forgotten as it is, nothing is saved.</summary>
    Task DropAllAsync();
}
