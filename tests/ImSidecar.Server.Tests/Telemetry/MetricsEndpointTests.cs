using System.Diagnostics;
using System.Net;
using ImSidecar.Msrp.Tests.Transport;
using ImSidecar.Server.Telemetry;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>/metrics of real processes.</summary>
public class MetricsEndpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_sidecar_tells_of_itself_and_of_the_runtime()
    {
        await using var node = await RunningNode.StartAsync();

        var metrics = PrometheusParser.Parse(await node.Http.GetStringAsync("/metrics", Cancel));

        Assert.Equal(0, Only(metrics, "imsidecar_ready"));
        Assert.Equal(0, Only(metrics, "imsidecar_gateway_attached"));
        Assert.Equal(1, Only(metrics, "imsidecar_build_info"));
        Assert.Equal(DateTimeOffset.UtcNow.ToUnixTimeSeconds(), Only(metrics, "imsidecar_start_time_seconds"), 120.0);
        Assert.Equal(2, metrics["imsidecar_store_failing"].Samples.Count);
        Assert.Empty(metrics["imsidecar_certificate_expiry_seconds"].Samples);
        Assert.True(Only(metrics, "dotnet_process_memory_working_set_bytes") > 1e7);
        var failures = metrics["imsidecar_failures_total"].Samples;
        Assert.Equal(Labels.Parts.Order(), failures.Select(each => each.Labels["part"]).Order());
        Assert.All(failures, sample => Assert.Equal(0, sample.Value));
        Assert.Equal("histogram", metrics["imsidecar_event_duration_seconds"].Type);
        Assert.All(metrics.Values, family => Assert.False(string.IsNullOrEmpty(family.Help)));
    }

    [Fact]
    public async Task Who_asks_for_OpenMetrics_gets_it()
    {
        await using var node = await RunningNode.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.ParseAdd("application/openmetrics-text;version=1.0.0;q=0.9,text/plain;q=0.5");

        using var answer = await node.Http.SendAsync(request, Cancel);

        Assert.Equal(
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            answer.Content.Headers.ContentType!.ToString());
        var metrics = PrometheusParser.Parse(await answer.Content.ReadAsStringAsync(Cancel), isOpenMetrics: true);
        Assert.Contains("imsidecar_gateway_events", metrics);
    }

    [Fact]
    public async Task The_MSRP_plane_has_its_own()
    {
        await using var plane = await RunningNode.StartPlaneAsync();

        var metrics = PrometheusParser.Parse(await plane.Http.GetStringAsync("/metrics", Cancel));

        Assert.Equal(1, Only(metrics, "imsidecar_build_info"));
        Assert.Contains("imsidecar_msrp_connections", metrics);
        Assert.DoesNotContain("imsidecar_conferences", metrics);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("msrp")]
    public async Task Where_browsers_come_in_is_nothing_for_monitoring(string? role)
    {
        using var files = new TestCertificates();
        files.Write(TestCertificates.New("localhost"));
        var port = FreePort.Next();
        string[] settings =
        [
            $"--MsrpTls:CertificateFile={files.CertificateFile}", $"--MsrpTls:KeyFile={files.KeyFile}",
            $"--{(role is null ? "Http:TlsListen" : "MsrpControl:HttpTlsListen")}=127.0.0.1:{port}",
        ];
        await using var node = role is null
            ? await RunningNode.StartAsync(settings) : await RunningNode.StartPlaneAsync(settings);
        using var client = new HttpClient(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        });

        foreach (var path in (string[])["/metrics", "/health/live", "/health/ready"])
        {
            using var answer = await client.GetAsync($"https://127.0.0.1:{port}{path}", Cancel);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        var metrics = PrometheusParser.Parse(await node.Http.GetStringAsync("/metrics", Cancel));
        var certificate = Assert.Single(metrics["imsidecar_certificate_expiry_seconds"].Samples);
        Assert.Equal("msrp", certificate.Labels["certificate"]);
    }

    [Fact]
    public async Task Switched_off_there_are_none()
    {
        await using var node = await RunningNode.StartAsync("--Telemetry:Prometheus=false");

        using var answer = await node.Http.GetAsync("/metrics", Cancel);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Promtool_has_nothing_to_say()
    {
        Assert.SkipUnless(HasPromtool(), "promtool is not installed (Debian: apt-get install prometheus)");
        await using var node = await RunningNode.StartAsync();
        var text = await node.Http.GetStringAsync("/metrics", Cancel);

        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        await promtool.StandardInput.WriteAsync(text.AsMemory(), Cancel);
        promtool.StandardInput.Close();
        var complaints = await promtool.StandardError.ReadToEndAsync(Cancel);
        await promtool.WaitForExitAsync(Cancel);

        // Those of the runtime have their names from .NET.
        Assert.DoesNotContain("imsidecar_", complaints, StringComparison.Ordinal);
        Assert.Contains(promtool.ExitCode, (int[])[0, 3]);
    }

    private static double Only(IReadOnlyDictionary<string, PrometheusParser.Family> metrics, string name) =>
        Assert.Single(metrics[name].Samples).Value;

    internal static bool HasPromtool() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(folder => File.Exists(Path.Combine(folder, "promtool")));
}
