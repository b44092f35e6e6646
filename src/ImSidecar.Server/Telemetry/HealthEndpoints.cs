using ImSidecar.Msrp;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Xdm.Diff;
using ImSidecar.Server.Xdm.Remote;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ImSidecar.Server.Telemetry;

/// <summary>
/// Health: live while the process answers, ready when a Kamailio and the MSRP switch are attached and the store
/// can be written. A draining node is not ready, for no new sessions are to come.
/// </summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", () => Results.Json(new { status = "live", version = ProductVersion.Text }))
            .OnPlainListener();
        endpoints.MapGet("/health/ready", Ready).OnPlainListener();
    }

    private static IResult Ready(
        Readiness readiness,
        StoreHealth health,
        IServerStore store,
        DeferredMessageStore deferred,
        Admission admission,
        IMsrpSwitch msrp,
        Drain drain,
        ConferenceCounts counts,
        DocumentSubscribers subscribers,
        [FromServices] XdmsHealth? xdms)
    {
        var isReady = readiness.IsReady;
        return Results.Json(
            new
            {
                status = drain.IsOn ? "draining" : isReady ? "ready" : "not ready",
                drainingSince = drain.Since,
                recovered = readiness.IsRecovered,
                kamailio = readiness.Kamailio,
                cluster = readiness.IsOfCluster ? "well" : "not serving",
                store = health.IsFailing ? "failing" : "well",
                msrp = msrp.IsAvailable ? "well" : "not reachable",
                // Without it sessions go on, and messages for who is away are refused.
                deferredStore = deferred.Health.IsFailing ? "failing" : "well",
                // Without it sessions go on, and what is known serves for a while: no reason to be taken out of service.
                xdms = xdms is null ? "embedded" : xdms.IsFailing ? "failing" : "well",
                conferences = counts.Conferences,
                participants = counts.Participants,
                subscriptions = counts.Subscriptions,
                documentSubscriptions = subscribers.Count,
                heapBytes = GC.GetTotalMemory(forceFullCollection: false),
                requestsInWork = admission.RequestsInWork,
                eventsInWork = admission.EventsInWork,
                savesWaiting = store.SavesWaiting,
                deferredWritesWaiting = deferred.WritesWaiting,
                refused = admission.Refused,
            },
            statusCode: isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
