using System.Collections.Immutable;

namespace ImSidecar.Server.Cluster;

/// <summary>
/// Which state a node gives itself: fewer Kamailios than another one that lives, and it takes nothing on; for longer, and
/// it hands over what it has.
/// </summary>
internal sealed class Standing(string node, ClusterOptions options, TimeProvider time)
{
    private long? _fewerSince;

    public NodeState Next(NodeState now, NodeReport report, ImmutableArray<NodeRow> nodes)
    {
        var most = nodes.Where(each => each.IsAlive && each.Name != node)
            .Select(each => each.Links.Length).DefaultIfEmpty().Max();
        var hasFewer = report.Links.Length < most;
        _fewerSince = hasFewer ? _fewerSince ?? time.GetTimestamp() : null;
        if (report.IsDraining)
            return NodeState.Draining;

        return !hasFewer ? NodeState.Live
            : now == NodeState.Live && time.GetElapsedTime(_fewerSince!.Value) < options.KamailioGrace ? NodeState.Live
            : now is NodeState.Live or NodeState.Apart ? NodeState.Apart
            : NodeState.Joining;
    }
}
