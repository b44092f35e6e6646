using System.Net;
using ImSidecar.Msrp.Tests.Transport;
using ImSidecar.Server.Telemetry;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>Metrics of a real sidecar at a real collector, and what becomes of one that has none.</summary>
public class OtlpTests
{
    [Theory]
    [InlineData("Grpc")]
    [InlineData("Http")]
    public async Task Metrics_come_to_the_collector(string protocol)
    {
        await using var collector = await Collector.StartAsync(protocol == "Grpc");
        await using var node = await RunningNode.StartAsync(
            $"--Telemetry:OtlpEndpoint={collector.Address}", $"--Telemetry:OtlpProtocol={protocol}",
            "--Telemetry:MetricInterval=00:00:01");

        await collector.ReceiveAsync("metrics", "imsidecar.gateway.attached");
        await collector.ReceiveAsync("metrics", "dotnet.gc.collections");
        await collector.ReceiveAsync("metrics", "service.version");
        // Counted as the node starts, and never since: who listens later does not see it.
        await collector.ReceiveAsync("metrics", "imsidecar.failures");
    }

    [Theory]
    [InlineData("Grpc")]
    [InlineData("Http")]
    public async Task The_key_for_the_collector_comes_from_a_file_and_is_nowhere_else(string protocol)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file, "# of the collector\napi-key=secret, with = and ,\n", TestContext.Current.CancellationToken);
        await using var collector = await Collector.StartAsync(protocol == "Grpc");
        await using var node = await RunningNode.StartAsync(
            $"--Telemetry:OtlpEndpoint={collector.Address}", $"--Telemetry:OtlpProtocol={protocol}",
            $"--Telemetry:OtlpHeadersFile={file}", "--Telemetry:MetricInterval=00:00:01",
            "--Logging:LogLevel:Default=Trace");

        var key = await collector.ReceiveAsync("metrics", "imsidecar.ready");

        File.Delete(file);
        Assert.Equal("secret, with = and ,", key);
        Assert.DoesNotContain("secret", node.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("# of the collector\n\napi-key=good\nsecret without a name\n", 4)]
    [InlineData("=secret\n", 1)]
    [InlineData("api key=secret\n", 1)]
    [InlineData("Content-Type=secret\n", 1)]
    public async Task A_line_that_is_no_header_field_is_told_by_its_number_only(string text, int line)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);

        var result = new TelemetryOptionsValidator().Validate(null, new() { OtlpHeadersFile = file });

        File.Delete(file);
        Assert.Equal(
            $"Telemetry:OtlpHeadersFile: {file} has no header field of a request, NAME=VALUE, in line {line}",
            Assert.Single(result.Failures!));
    }

    [Fact]
    public async Task A_collector_that_is_away_costs_a_line_and_is_found_when_it_comes()
    {
        var port = FreePort.Next();
        await using var node = await RunningNode.StartAsync(
            $"--Telemetry:OtlpEndpoint=http://127.0.0.1:{port}", "--Telemetry:MetricInterval=00:00:01");
        await UntilAsync(() => node.Output.Contains("takes no metrics", StringComparison.Ordinal));
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        using var ready = await node.Http.GetAsync("/health/live", TestContext.Current.CancellationToken);

        await using var collector = await Collector.StartAsync(isGrpc: true, port);
        await collector.ReceiveAsync("metrics", "imsidecar.ready");

        await UntilAsync(() => node.Output.Contains("again", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Single(node.Output.Split('\n'), line => line.Contains("takes no metrics", StringComparison.Ordinal));
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!isSo())
            await Task.Delay(50, limit.Token);
    }
}
