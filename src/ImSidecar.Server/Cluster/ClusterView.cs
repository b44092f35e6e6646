using System.Collections.Immutable;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Cluster;

/// <summary>Who a slot was given to; of a node that has another epoch by now, or is gone, it is nobody's.</summary>
internal readonly record struct SlotRow(string Owner, long Epoch);

/// <summary>All nodes and slots as they were at one moment: the same version is the same slots on every node.</summary>
internal sealed class ClusterView
{
    private readonly Dictionary<string, NodeRow> _byName;
    private readonly Lazy<ImmutableArray<NodeRow?>> _desired;

    public ClusterView(long version, ImmutableArray<NodeRow> nodes, ImmutableArray<SlotRow> slots)
    {
        Version = version;
        Nodes = nodes;
        Slots = slots;
        Alive = [.. nodes.Where(node => node.IsAlive)];
        Eligible = [.. nodes.Where(node => node.State == NodeState.Live)];
        _byName = nodes.ToDictionary(node => node.Name);
        _desired = new(() => [.. Enumerable.Range(0, Slot.Count).Select(Choose)]);
    }

    // Epochs and states are of the version too.
    private ClusterView(ClusterView same, ImmutableArray<NodeRow> nodes)
        : this(same.Version, nodes, same.Slots) => _desired = same._desired;

    public static ClusterView None { get; } = new(0, [], [.. Enumerable.Repeat(new SlotRow("", 0), Slot.Count)]);

    public long Version { get; }

    public ImmutableArray<NodeRow> Nodes { get; }

    public ImmutableArray<SlotRow> Slots { get; }

    public ImmutableArray<NodeRow> Alive { get; }

    /// <summary>Those that slots fall to.</summary>
    public ImmutableArray<NodeRow> Eligible { get; }

    /// <summary>Who is to have each slot; null: there is no node.</summary>
    public ImmutableArray<NodeRow?> Desired => _desired.Value;

    public NodeRow? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Null: nobody, anyone whom it falls to may take it.</summary>
    public NodeRow? OwnerOf(int slot) => IsHeld(Slots[slot], out var owner) ? owner : null;

    public bool IsOf(int slot, string node, long epoch) => Slots[slot] == new SlotRow(node, epoch);

    /// <summary>The same slots, and what the nodes say now.</summary>
    public ClusterView With(ImmutableArray<NodeRow> nodes) => new(this, nodes);

    /// <summary>How many slots nobody owns.</summary>
    public int Free => Enumerable.Range(0, Slot.Count).Count(slot => OwnerOf(slot) is null);

    public int OwnedBy(string node) => Enumerable.Range(0, Slot.Count).Count(slot => OwnerOf(slot)?.Name == node);

    public int DesiredFor(string node) => Desired.Count(each => each?.Name == node);

    // Where nobody is fit, who has a slot keeps it.
    private NodeRow? Choose(int slot) =>
        Eligible.Length > 0 ? Rendezvous.Choose(slot, Eligible) : OwnerOf(slot) ?? Rendezvous.Choose(slot, Alive);

    private bool IsHeld(SlotRow slot, out NodeRow? owner) =>
        _byName.TryGetValue(slot.Owner, out owner) && owner.IsAlive && owner.Epoch == slot.Epoch;
}
