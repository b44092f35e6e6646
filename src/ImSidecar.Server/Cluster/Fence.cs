namespace ImSidecar.Server.Cluster;

/// <summary>
/// Keeps a node that was declared dead from writing: each transaction that saves checks that the node still has the
/// epoch it was given when it joined.
/// </summary>
internal sealed class Fence
{
    private FenceKey? _current;

    /// <summary>A save was refused: another node has declared this one dead.</summary>
    public event Action<FenceKey>? Stale;

    /// <summary>What a save has to prove; null: nobody asks.</summary>
    public FenceKey? Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }

    public void OnStale(FenceKey key) => Stale?.Invoke(key);
}

/// <summary>A node and the epoch it was given.</summary>
internal sealed record FenceKey(string Node, long Epoch);

/// <summary>The node is not in its epoch any more: nothing was written.</summary>
internal sealed class StaleEpochException(FenceKey? key = null)
    : Exception(key is null ? "It is not this node's any more" : $"Node {key.Node} is not in epoch {key.Epoch} any more")
{
    /// <summary>Null: nobody was asked.</summary>
    public FenceKey? Key => key;
}
