using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Cluster;

/// <summary>One node with a store of its own: everything is its.</summary>
internal sealed class Alone : IOwnership
{
    public NodeTable? Table => null;

    public event Action? Changed
    {
        add { }
        remove { }
    }

    public SlotOwner OwnerOf(Slot slot) => SlotOwner.Mine;
}
