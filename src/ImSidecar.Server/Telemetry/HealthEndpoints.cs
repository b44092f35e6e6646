using ImSidecar.Server.Gateway;
using ImSidecar.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ImSidecar.Server.Telemetry;

/// <summary>Health: live while the process answers, ready when recovered and a Kamailio is attached.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", () => Results.Json(new { status = "live", version = ProductVersion.Text }));
        endpoints.MapGet("/health/ready", (Recovery recovery, LinkRegistry links, AggregateRouter router) =>
        {
            var isRecovered = recovery.Done.IsCompletedSuccessfully;
            var kamailio = links.Current is { IsServing: true } link ? link.Instance : null;
            var isReady = isRecovered && kamailio is not null;
            var status = isReady ? "ready" : "not ready";
            return Results.Json(
                new { status, recovered = isRecovered, kamailio, conferences = router.Count },
                statusCode: isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }
}
