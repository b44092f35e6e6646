using System.Text;

namespace ImSidecar.Server.Cluster;

/// <summary>
/// Which of several nodes a slot falls to: the one with the highest hash of both. When a node comes or goes only its own
/// share moves. All nodes compute the same, so this never changes.
/// </summary>
internal static class Rendezvous
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>Null: there are no nodes.</summary>
    public static NodeRow? Choose(int slot, IReadOnlyList<NodeRow> nodes)
    {
        NodeRow? chosen = null;
        ulong highest = 0;
        foreach (var node in nodes)
        {
            var weight = Weight(slot, node.Name);
            if (chosen is not null
                && (weight < highest || weight == highest && string.CompareOrdinal(node.Name, chosen.Name) > 0))
                continue;

            (chosen, highest) = (node, weight);
        }

        return chosen;
    }

    internal static ulong Weight(int slot, string node)
    {
        var hash = FnvOffset;
        foreach (var each in Encoding.UTF8.GetBytes(node))
            hash = (hash ^ each) * FnvPrime;
        return Mix(hash ^ Mix((ulong)slot + 1));
    }

    // The finalizer of SplitMix64: each bit of what goes in changes half of those that come out.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
