using System.Diagnostics.Metrics;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Telemetry;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace ImSidecar.Server.Cluster;

/// <summary>How the nodes are, as this one sees it: looked at when somebody asks. One alone has everything.</summary>
internal sealed class ClusterMetrics : IDisposable
{
    private static readonly NodeState[] _states =
        [NodeState.Joining, NodeState.Live, NodeState.Apart, NodeState.Draining];

    private readonly Meter _meter = new(Instruments.MeterName);

    public ClusterMetrics(TimeProvider time, Membership? membership = null)
    {
        var ownership = membership?.Ownership;
        Gauge(
            "imsidecar.cluster.serving", null, () => ownership?.IsServing != false ? 1 : 0,
            "0 while the node may own nothing: the database does not hear of it");
        Gauge("imsidecar.cluster.epoch", null, () => membership?.Epoch ?? 0, "Raised whenever the node begins anew");
        Gauge("imsidecar.cluster.slots.owned", "{slot}", () => ownership?.Held ?? Slot.Count, "Slots of this node");
        Gauge(
            "imsidecar.cluster.slots.desired", "{slot}",
            () => ownership?.View.DesiredFor(membership!.Name) ?? Slot.Count, "Slots that fall to this node");
        Gauge("imsidecar.cluster.slots.free", "{slot}", () => ownership?.View.Free ?? 0, "Slots that no node owns");
        _meter.CreateObservableGauge(
            "imsidecar.cluster.heartbeat.age",
            () => membership is null ? 0 : time.GetElapsedTime(membership.LastBeat).TotalSeconds, "s",
            "Since the database last heard of this node");
        _meter.CreateObservableGauge(
            "imsidecar.cluster.nodes",
            () => _states.Select(state => new Measurement<int>(
                Count(ownership, state), new Tag("state", NodeTables.Text(state)))),
            "{node}", "Nodes by state");
    }

    public void Dispose() => _meter.Dispose();

    private static int Count(ClusterOwnership? ownership, NodeState state) =>
        ownership is null ? state == NodeState.Live ? 1 : 0
        : ownership.View.Nodes.Count(node => node.State == state);

    private void Gauge(string name, string? unit, Func<long> look, string description) =>
        _meter.CreateObservableGauge(name, look, unit, description);
}
