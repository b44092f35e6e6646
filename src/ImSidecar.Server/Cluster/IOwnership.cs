using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Cluster;

/// <summary>Which node has which aggregates; any thread asks, and no answer waits.</summary>
internal interface IOwnership
{
    /// <summary>All nodes, for the links; null: this one is alone.</summary>
    NodeTable? Table { get; }

    /// <summary>The table or an answer of <see cref="OwnerOf"/> has changed. Raised by one thread at a time.</summary>
    event Action? Changed;

    SlotOwner OwnerOf(Slot slot);
}

/// <summary>The owner of a slot as this node knows it.</summary>
internal readonly record struct SlotOwner
{
    private SlotOwner(bool isMine, string? other)
    {
        IsMine = isMine;
        Other = other;
    }

    /// <summary>It is on its way from one node to another, or this node does not know.</summary>
    public static SlotOwner Nobody { get; }

    public static SlotOwner Mine { get; } = new(isMine: true, null);

    public bool IsMine { get; }

    /// <summary>The name of another node; null: it is mine or nobody's.</summary>
    public string? Other { get; }

    public static SlotOwner Of(string node) => new(isMine: false, node);
}
