using System.Diagnostics;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>What is shipped for Grafana and Prometheus asks for what real processes have.</summary>
public class QueriesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_metric_of_the_dashboard_and_of_the_alerts_is_there()
    {
        await using var node = await RunningNode.StartAsync();
        await using var remote = await RunningNode.StartAsync(
            "--Xdm:Mode=Remote", "--XcapClient:Root=http://127.0.0.1:9/");
        var known = new HashSet<string>();
        foreach (var each in (RunningNode[])[node, remote])
            known.UnionWith(Names(PrometheusParser.Parse(await each.Http.GetStringAsync("/metrics", Cancel))));

        var asked = Queries.OfDashboard().Concat(Queries.OfAlerts()).SelectMany(Queries.Metrics).Distinct().ToList();

        Assert.True(asked.Count > 50, $"{asked.Count}");
        Assert.Empty(asked.Except(known));
    }

    [Fact]
    public void There_is_an_alert_for_each_way_to_fail()
    {
        var asked = Queries.OfAlerts().SelectMany(Queries.Metrics);

        Assert.Empty(new[]
        {
            "imsidecar_ready", "imsidecar_store_failing", "imsidecar_gateway_attached",
            "imsidecar_requests_refused_total",
            "imsidecar_deferred_messages", "imsidecar_certificate_expiry_seconds", "imsidecar_start_time_seconds",
        }.Except(asked));
    }

    [Fact]
    public async Task Promtool_takes_the_alerts()
    {
        Assert.SkipUnless(MetricsEndpointTests.HasPromtool(), "promtool is not installed (Debian: prometheus)");
        using var promtool = Process.Start(
            new ProcessStartInfo("promtool", ["check", "rules", Queries.Shipped("prometheus", "alerts.yml")])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
        var said = await promtool.StandardError.ReadToEndAsync(Cancel);
        await promtool.WaitForExitAsync(Cancel);

        Assert.Equal(("", 0), (said, promtool.ExitCode));
    }

    private static IEnumerable<string> Names(IReadOnlyDictionary<string, PrometheusParser.Family> metrics) =>
        metrics.Values.SelectMany(family => family.Type == "histogram"
            ? new[] { "_bucket", "_sum", "_count" }.Select(suffix => family.Name + suffix)
            : [family.Name]);
}
