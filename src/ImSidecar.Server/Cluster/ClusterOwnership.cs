using System.Collections.Immutable;
using Google.Protobuf;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Cluster;

/// <summary>
/// Who owns which slot by what this node has read, and what itself holds: nothing once it could not renew in time,
/// whatever its loops do. Who asks waits for nobody.
/// </summary>
internal sealed class ClusterOwnership(string node, ClusterOptions options, TimeProvider time) : IOwnership
{
    private const byte Nobody = 255;

    private readonly Lock _gate = new();
    private readonly Lock _telling = new();
    private Shown _shown = new(ClusterView.None, [], IsServing: false);
    private long? _epoch;
    private long _endsAt;

    public event Action? Changed;

    public NodeTable? Table => Volatile.Read(ref _shown).Table;

    public ClusterView View => Volatile.Read(ref _shown).View;

    /// <summary>How many slots are this node's now.</summary>
    public int Held => IsServing ? Volatile.Read(ref _shown).Held.Count : 0;

    public bool IsServing => Volatile.Read(ref _shown).IsServing && !HasExpired;

    /// <summary>The last renewal is too long ago.</summary>
    public bool HasExpired => time.GetTimestamp() > Volatile.Read(ref _endsAt);

    public SlotOwner OwnerOf(Slot slot)
    {
        var shown = Volatile.Read(ref _shown);
        return !shown.IsServing || HasExpired ? SlotOwner.Nobody : shown.Owners[slot.Number];
    }

    /// <summary>The database has heard of this node; it was asked at that time.</summary>
    public void Renew(long askedAt) => Volatile.Write(
        ref _endsAt, askedAt + (long)(options.StopsAfter.TotalSeconds * time.TimestampFrequency));

    /// <summary>The slots as they were read.</summary>
    public void Show(ClusterView view) => Change(null, shown => shown with { View = view });

    /// <summary>No slot has changed, but how the nodes are.</summary>
    public void Show(ImmutableArray<NodeRow> nodes)
    {
        lock (_gate)
            Volatile.Write(ref _shown, _shown with { View = _shown.View.With(nodes) });
    }

    /// <summary>From now on the slots of this epoch count, none yet.</summary>
    public void Begin(long epoch)
    {
        lock (_gate)
            _epoch = epoch;
        Change(epoch, shown => shown with { Held = [], IsServing = true });
    }

    /// <summary>What is this node's, unless that epoch is over.</summary>
    public void Hold(long epoch, ImmutableHashSet<int> slots) => Change(epoch, shown => shown with { Held = slots });

    /// <summary>Nothing is anybody's any more, as far as this node knows.</summary>
    public void Clear()
    {
        lock (_gate)
            _epoch = null;
        Change(null, shown => shown with { Held = [], IsServing = false });
    }

    private void Change(long? epoch, Func<Shown, Shown> change)
    {
        lock (_gate)
        {
            if (epoch is not null && epoch != _epoch)
                return;

            Volatile.Write(ref _shown, change(_shown).Compose(node));
        }

        // In turn: who is told reads what is newest.
        lock (_telling)
            Changed?.Invoke();
    }

    private sealed record Shown(ClusterView View, ImmutableHashSet<int> Held, bool IsServing)
    {
        public ImmutableArray<SlotOwner> Owners { get; private init; } = [];

        public NodeTable Table { get; private init; } = new();

        public Shown Compose(string node)
        {
            var owners = new SlotOwner[Slot.Count];
            var table = new NodeTable { Version = (ulong)View.Version };
            table.Nodes.Add(View.Alive.Select(each => new ClusterNode { Name = each.Name, Target = each.Gateway }));
            var places = new byte[Slot.Count];
            for (var slot = 0; slot < owners.Length; slot++)
            {
                var owner = View.OwnerOf(slot);
                owners[slot] = Held.Contains(slot) ? SlotOwner.Mine
                    : owner is null || owner.Name == node ? SlotOwner.Nobody
                    : SlotOwner.Of(owner.Name);
                places[slot] = owner is null ? Nobody : (byte)View.Alive.IndexOf(owner);
            }

            table.Owners = ByteString.CopyFrom(places);
            return this with { Owners = [.. owners], Table = table };
        }
    }
}
