using ImSidecar.Msrp;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Telemetry;

/// <summary>
/// Whether new sessions are taken on: Kamailio and MSRP switch there, store well, no drain, and of several nodes
/// one that may own something.
/// </summary>
internal sealed class Readiness(
    Recovery recovery, LinkRegistry links, StoreHealth health, IMsrpSwitch msrp, Drain drain, Membership? membership = null)
{
    /// <summary>All that was stored at the start is in memory; what is not yet is loaded when something concerns it.</summary>
    public bool IsRecovered => recovery.Done.IsCompletedSuccessfully;

    /// <summary>The instance that is attached; null: none is.</summary>
    public string? Kamailio => links.Current is { IsServing: true } link ? link.Instance : null;

    public bool IsDraining => drain.IsOn;

    /// <summary>False: the database does not hear of this node, or another one has declared it dead.</summary>
    public bool IsOfCluster => membership is null || membership.Ownership.IsServing;

    public bool IsReady =>
        Kamailio is not null && !health.IsFailing && msrp.IsAvailable && !drain.IsOn && IsOfCluster;
}
