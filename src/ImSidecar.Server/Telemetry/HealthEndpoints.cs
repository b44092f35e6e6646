using ImSidecar.Server.Gateway;
using ImSidecar.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ImSidecar.Server.Telemetry;

/// <summary>Health over HTTP: live as long as the process answers, ready when it is recovered and a Kamailio is attached.</summary>
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
            return Results.Json(
                new { status = isReady ? "ready" : "not ready", recovered = isRecovered, kamailio, conferences = router.Count },
                statusCode: isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }
}
