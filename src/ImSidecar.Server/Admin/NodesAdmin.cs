using ImSidecar.Admin.V1;
using ImSidecar.Core.Conferences;
using ImSidecar.Grpc;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Hosting;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Admin;

/// <summary>Tells which nodes there are and who owns what, as this one sees it, and what is wrong with that.</summary>
internal sealed class NodesAdmin(
    GatewayOptions gateway, LinkRegistry links, ConferenceCounts counts, TimeProvider time,
    IOptions<ClusterOptions> options, Membership? membership = null)
{
    public Task<NodesResponse> NodesAsync(NodesRequest request, GrpcContext context)
    {
        AdminConnection.Require(context);
        return Task.FromResult(membership is null ? Alone() : All(membership));
    }

    private NodesResponse Alone() => new()
    {
        Asked = gateway.Node,
        Serving = true,
        Nodes =
        {
            new NodeEntry
            {
                Name = gateway.Node,
                State = NodeTables.Text(NodeState.Live),
                Release = ProductVersion.Text,
                SlotsOwned = Slot.Count,
                SlotsDesired = Slot.Count,
                Kamailios = { links.All.Where(link => link.IsServing).Select(link => link.Instance) },
                Conferences = counts.Conferences,
            },
        },
    };

    private NodesResponse All(Membership cluster)
    {
        var view = cluster.Ownership.View;
        var answer = new NodesResponse
        {
            Asked = cluster.Name,
            Clustered = true,
            Serving = cluster.Ownership.IsServing,
            Version = view.Version,
            FreeSlots = view.Free,
            Nodes = { view.Nodes.Select(node => Entry(node, view, cluster)) },
        };
        answer.Problems.AddRange(Problems(answer, cluster));
        return answer;
    }

    private NodeEntry Entry(NodeRow node, ClusterView view, Membership cluster) => new()
    {
        Name = node.Name,
        State = NodeTables.Text(node.State),
        Epoch = node.Epoch,
        Release = node.Release,
        Gateway = node.Gateway,
        SlotsOwned = view.OwnedBy(node.Name),
        SlotsDesired = view.DesiredFor(node.Name),
        Kamailios = { node.Links },
        BeatAgeMs = (long)Age(node, cluster).TotalMilliseconds,
        Conferences = node.Load.Conferences,
        InWork = node.Load.InWork,
        SavesWaiting = node.Load.SavesWaiting,
        CommitMs = node.Load.CommitMilliseconds,
    };

    private TimeSpan Age(NodeRow node, Membership cluster) =>
        node.Name == cluster.Name ? time.GetElapsedTime(cluster.LastBeat) : cluster.BeatAge(node.Name);

    private IEnumerable<string> Problems(NodesResponse answer, Membership cluster)
    {
        if (!answer.Serving)
        {
            yield return $"This node, {answer.Asked}, serves nobody: the database has not heard of it for"
                + $" {time.GetElapsedTime(cluster.LastBeat).TotalSeconds:0.0} s. The rest is what it knew then";
        }

        if (answer.FreeSlots > 0)
            yield return $"{answer.FreeSlots} of {Slot.Count} slots have no owner: who asks for what is in them waits";

        var alive = answer.Nodes.Where(node => node.State != NodeTables.Text(NodeState.Gone)).ToList();
        foreach (var node in alive.Where(node => node.BeatAgeMs > options.Value.StopsAfter.TotalMilliseconds))
            yield return $"Node {node.Name} has not been heard of for {node.BeatAgeMs / 1000.0:0.0} s";

        foreach (var node in alive.Where(node => node.State == NodeTables.Text(NodeState.Apart)))
        {
            yield return $"Node {node.Name} has fewer Kamailios than another, so nothing falls to it: is the way between"
                + " it and one of them broken?";
        }

        if (alive.Select(node => node.Release).Distinct().Count() > 1)
        {
            yield return "The nodes are of several releases: an upgrade that has begun should end soon ("
                + string.Join(", ", alive.Select(node => $"{node.Name} {node.Release}")) + ")";
        }
    }
}
