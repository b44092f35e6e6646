using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ImSidecar.Server.Telemetry.Prometheus;

/// <summary>"/metrics", for Prometheus.</summary>
internal static class PrometheusEndpoint
{
    public static void MapPrometheus(this IEndpointRouteBuilder endpoints)
    {
        var collector = endpoints.ServiceProvider.GetRequiredService<MetricCollector>();
        endpoints.MapGet("/metrics", (HttpRequest request) =>
        {
            var isOpenMetrics = request.Headers.Accept.Any(
                accept => accept?.Contains("application/openmetrics-text", StringComparison.OrdinalIgnoreCase) == true);
            return Results.Text(
                PrometheusText.Write(collector.Collect(), isOpenMetrics),
                isOpenMetrics ? PrometheusText.OpenMetricsContentType : PrometheusText.ContentType);
        }).OnPlainListener();
    }
}
