using ImSidecar.Server.Gateway;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Telemetry;

namespace ImSidecar.Server.Cluster;

/// <summary>What this process says of itself with each heartbeat.</summary>
internal sealed class NodeReports(
    Drain drain, LinkRegistry links, ConferenceCounts counts, Admission admission, IServerStore store) : INodeReport
{
    public NodeReport Now() => new()
    {
        IsDraining = drain.IsOn,
        Links = [.. links.All.Where(link => link.IsServing).Select(link => link.Instance).Order(StringComparer.Ordinal)],
        Load = new(
            counts.Conferences, admission.RequestsInWork + admission.EventsInWork, store.SavesWaiting,
            (int)Instruments.LastCommit.TotalMilliseconds),
    };
}
