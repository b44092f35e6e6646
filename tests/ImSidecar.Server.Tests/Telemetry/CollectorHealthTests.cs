using ImSidecar.Server.Telemetry.Otlp;
using Microsoft.Extensions.Logging;
using OpenTelemetry;

namespace ImSidecar.Server.Tests.Telemetry;

/// <summary>What the log says of a collector.</summary>
public class CollectorHealthTests
{
    [Fact]
    public void A_collector_that_takes_metrics_and_no_traces_is_told_of_once()
    {
        var log = new Lines();
        var metrics = new CollectorHealth("metrics", "http://collector", log);
        var traces = new CollectorHealth("traces", "http://collector", log);

        for (var round = 0; round < 3; round++)
        {
            metrics.Note(ExportResult.Success);
            traces.Note(ExportResult.Failure);
        }

        Assert.Contains("takes no traces", Assert.Single(log.All), StringComparison.Ordinal);
    }

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => All.Add(formatter(state, exception));
    }
}
