using System.Diagnostics;
using ImSidecar.Core.Deferred;
using ImSidecar.Server.Cluster;
using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Telemetry;

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
    public void Every_value_that_a_query_compares_with_is_one_that_its_label_has()
    {
        var known = new Dictionary<string, string[]>
        {
            ["imsidecar_cluster_nodes state"] = [.. Enum.GetValues<NodeState>().Select(NodeTables.Text)],
            ["imsidecar_deferred_deposits_total outcome"] = [.. Enum.GetValues<Deferral>().Select(Labels.Of)],
            ["imsidecar_event_duration_seconds_bucket event"] =
                [.. Enum.GetValues<SipEvent.EventOneofCase>().Select(Labels.Of)],
            ["imsidecar_invitations_total outcome"] = [.. Enumerable.Range(200, 500).Select(Labels.Invitation)],
            ["imsidecar_requests_refused_total reason"] = ["drain"],
            ["imsidecar_sip_client_responses_total class"] = [.. Enumerable.Range(100, 600).Select(Labels.Class)],
            ["imsidecar_sip_client_responses_total method"] = [Labels.Method("NOTIFY")],
        };
        var asked = Queries.OfDashboard().Concat(Queries.OfAlerts()).SelectMany(Queries.Selectors).ToList();

        Assert.NotEmpty(asked);
        Assert.All(asked, each => Assert.Subset(
            known[$"{each.Metric} {each.Label}"].ToHashSet(), each.Values.ToHashSet()));
    }

    [Fact]
    public void There_is_an_alert_for_each_way_to_fail()
    {
        var asked = Queries.OfAlerts().SelectMany(Queries.Metrics);

        Assert.Empty(new[]
        {
            "imsidecar_ready", "imsidecar_store_failing", "imsidecar_gateway_attached",
            "imsidecar_requests_refused_total", "imsidecar_failures_total",
            "imsidecar_cluster_serving", "imsidecar_cluster_nodes", "imsidecar_cluster_slots_free",
            "imsidecar_cluster_fencings_total", "imsidecar_cluster_heartbeat_age_seconds",
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
