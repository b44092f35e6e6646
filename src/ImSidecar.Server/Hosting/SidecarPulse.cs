using ImSidecar.Server.Gateway;
using ImSidecar.Server.Lifecycle;

namespace ImSidecar.Server.Hosting;

/// <summary>The sidecar works while what is posted to a mailbox gets through.</summary>
internal sealed class SidecarPulse(AggregateRouter router, LinkRegistry links, ConferenceCounts counts, Drain drain)
    : IPulse
{
    public string Status =>
        (drain.IsOn ? "Draining: " : "")
        + $"{counts.Conferences} conferences, {counts.Participants} participants, "
        + (links.All is { IsEmpty: false } all
            ? "Kamailio " + string.Join(", ", all.Select(link => link.Instance)) + " attached"
            : "no Kamailio attached");

    public Task BeatAsync(CancellationToken cancellation) => router.ProbeAsync();
}
