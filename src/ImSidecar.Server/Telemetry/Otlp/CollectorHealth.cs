using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace ImSidecar.Server.Telemetry.Otlp;

/// <summary>
/// One line when the collector is away, and one when it is there again; of each signal, for there are collectors that
/// take only one.
/// </summary>
internal sealed class CollectorHealth(string signal, string endpoint, ILogger logger)
{
    private int _isAway;

    public ExportResult Note(ExportResult result)
    {
        var isAway = result == ExportResult.Success ? 0 : 1;
        if (Interlocked.Exchange(ref _isAway, isAway) == isAway)
            return result;

        if (isAway == 1)
            Log.CollectorAway(logger, endpoint, signal);
        else
            Log.CollectorBack(logger, endpoint, signal);
        return result;
    }
}

/// <summary>Sends traces, and tells how that went.</summary>
internal sealed class WatchedTraceExporter(OtlpExporterOptions options, CollectorHealth health)
    : OtlpTraceExporter(options)
{
    public override ExportResult Export(in Batch<Activity> activityBatch) => health.Note(base.Export(activityBatch));
}

/// <summary>The same of metrics.</summary>
internal sealed class WatchedMetricExporter(OtlpExporterOptions options, CollectorHealth health)
    : OtlpMetricExporter(options)
{
    public override ExportResult Export(in Batch<Metric> metrics) => health.Note(base.Export(metrics));
}
