namespace ImSidecar.Server.Cluster;

/// <summary>
/// Observes whose heartbeat does not move. Only time between reads of its own that succeeded counts, and of a long pause
/// only a part: who could not look, or stood still itself, has seen nobody die.
/// </summary>
internal sealed class DeathWatch(ClusterOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Epoch, long Beat, TimeSpan Still)> _seen = [];
    private long? _last;

    /// <summary>After each read; who is dead by it.</summary>
    public IReadOnlyList<NodeRow> Observe(IEnumerable<NodeRow> nodes)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var passed = _last is { } last ? time.GetElapsedTime(last, now) : TimeSpan.Zero;
            if (passed > options.Heartbeat * 2)
                passed = options.Heartbeat * 2;
            _last = now;
            return [.. nodes.Where(node => node.IsAlive && IsDead(node, passed))];
        }
    }

    /// <summary>How long the heartbeat of this one has stood still, as far as that was seen.</summary>
    public TimeSpan StillFor(string node)
    {
        lock (_gate)
            return _seen.TryGetValue(node, out var seen) ? seen.Still : TimeSpan.Zero;
    }

    private bool IsDead(NodeRow node, TimeSpan passed)
    {
        var isSame = _seen.TryGetValue(node.Name, out var seen) && (seen.Epoch, seen.Beat) == (node.Epoch, node.Beat);
        var still = isSame ? seen.Still + passed : TimeSpan.Zero;
        _seen[node.Name] = (node.Epoch, node.Beat, still);
        return still >= options.DeadAfter;
    }
}
