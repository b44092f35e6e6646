using ImSidecar.Msrp;
using ImSidecar.Server.Lifecycle;

namespace ImSidecar.Server.Plane;

/// <summary>The MSRP plane works while the thread pool has turns left and the switch answers.</summary>
internal sealed class PlanePulse(IMsrpLegs legs) : IPulse
{
    public string Status => $"{legs.SessionIds.Count} sessions, {legs.Connections} connections";

    public Task BeatAsync(CancellationToken cancellation) => Task.Run(() => legs.SessionIds.Count, cancellation);
}
