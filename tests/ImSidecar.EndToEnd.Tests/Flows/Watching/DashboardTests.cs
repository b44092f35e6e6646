using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Server.Tests.Telemetry;

namespace ImSidecar.EndToEnd.Tests.Flows.Watching;

/// <summary>What the dashboard and the alerts ask for, held against a sidecar that has worked.</summary>
public sealed class DashboardTests(DemoProfile profile) : WatchedFlow(profile)
{
    // Nothing was refused, and nothing went through a relay.
    private static readonly string[] _mayBeEmpty =
        ["imsidecar_requests_refused_total", "imsidecar_relay_io_bytes_total"];

    [Fact]
    public async Task Every_label_of_a_query_is_on_its_metric_and_what_happened_is_counted()
    {
        await ChatAsync("hello", "ski", "Snow cat");
        await LeaveMessageAsync("for later", "ski");
        using var document = await Profile.Http.GetAsync("/xcap-root/x", TestContext.Current.CancellationToken);

        var metrics = PrometheusParser.Parse(
            await Profile.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken));

        foreach (var query in Queries.OfDashboard().Concat(Queries.OfAlerts()))
        {
            var names = Queries.Metrics(query).Except(_mayBeEmpty).ToList();
            var samples = names.SelectMany(name => Samples(metrics, name)).ToList();
            if (names.Count > 0)
                Assert.All(Queries.Labels(query), label => Assert.True(
                    samples.Exists(each => each.Labels.ContainsKey(label)), $"{label} in {query}"));
            Assert.All(
                Queries.Selectors(query).Where(each => !_mayBeEmpty.Contains(each.Metric)),
                selector => Assert.True(
                    Samples(metrics, selector.Metric).Exists(each => each.Labels.ContainsKey(selector.Label)),
                    $"{selector.Label} of {selector.Metric} in {query}"));
        }

        AssertCounted(metrics, "imsidecar_sip_server_requests_total", 1, ("method", "INVITE"));
        AssertCounted(metrics, "imsidecar_sip_server_responses_total", 1, ("method", "INVITE"), ("class", "2xx"));
        AssertCounted(metrics, "imsidecar_sip_server_responses_total", 1, ("method", "MESSAGE"), ("class", "2xx"));
        AssertCounted(metrics, "imsidecar_sip_client_requests_total", 3, ("method", "INVITE"));
        AssertCounted(metrics, "imsidecar_invitations_total", 3, ("outcome", "accepted"));
        AssertCounted(metrics, "imsidecar_deferred_deposits_total", 1, ("outcome", "stored"));
        AssertCounted(metrics, "imsidecar_deferred_removals_total", 1, ("reason", "delivered"));
        AssertCounted(metrics, "imsidecar_event_duration_seconds", 1, ("event", "request"));
        AssertCounted(metrics, "imsidecar_msrp_messages_received_total", 1);
        AssertCounted(metrics, "imsidecar_participants", 3);
        AssertCounted(metrics, "imsidecar_msrp_io_bytes_total", 100, ("direction", "transmit"));
        AssertCounted(metrics, "imsidecar_ready", 1);
    }

    private static List<PrometheusSample> Samples(
        IReadOnlyDictionary<string, PrometheusParser.Family> metrics, string name) =>
        metrics.GetValueOrDefault(name)?.Samples
            ?? metrics.GetValueOrDefault(name[..name.LastIndexOf('_')])?.Samples ?? [];

    private static void AssertCounted(
        IReadOnlyDictionary<string, PrometheusParser.Family> metrics, string name, double atLeast,
        params (string Name, string Value)[] labels)
    {
        var sample = metrics[name].Samples.FirstOrDefault(each => each.Suffix is "" or "_count"
            && labels.All(label => each.Labels.GetValueOrDefault(label.Name) == label.Value));
        Assert.True(sample?.Value >= atLeast, $"{name}{{{string.Join(',', labels)}}} is {sample?.Value}");
    }
}
