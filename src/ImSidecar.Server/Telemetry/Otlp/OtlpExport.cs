using ImSidecar.Server.Lifecycle;
using ImSidecar.Server.Telemetry.Tracing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ImSidecar.Server.Telemetry.Otlp;

/// <summary>
/// Sends metrics and traces to a collector, Telemetry:OtlpEndpoint. One that is away costs a line in the log: what it
/// does not take is dropped.
/// </summary>
internal sealed class OtlpExport(IOptions<TelemetryOptions> options, Role role, ILogger<OtlpExport> logger)
    : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly string[] _meters = [Instruments.MeterName, "System.Runtime"];

    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    /// <summary>Before anything is counted: what goes up and down would start in the middle.</summary>
    public void Begin()
    {
        var resource = ResourceBuilder.CreateEmpty()
            .AddService(
                role.Name.Length == 0 ? "imsidecar" : "imsidecar-" + role.Name,
                serviceVersion: ProductVersion.Text, serviceInstanceId: Environment.MachineName);
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(_meters)
            .AddReader(new PeriodicExportingMetricReader(
                new WatchedMetricExporter(OptionsFor("v1/metrics"), HealthOf("metrics")),
                (int)options.Value.MetricInterval.TotalMilliseconds))
            .Build();
        if (options.Value.TraceRatio > 0)
        {
            _traces = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                .AddSource(Traces.SourceName)
                .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.Value.TraceRatio)))
                .AddProcessor(new BatchActivityExportProcessor(
                    new WatchedTraceExporter(OptionsFor("v1/traces"), HealthOf("traces"))))
                .Build();
        }
    }

    /// <summary>What is still there goes out, if the collector takes it soon.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    private CollectorHealth HealthOf(string signal) => new(signal, options.Value.OtlpEndpoint, logger);

    // Options of the exporter cannot hold every value that a field may have.
    private HttpClient ClientWithHeaders()
    {
        var client = new HttpClient { Timeout = _patience };
        _ = OtlpHeaders.TryRead(options.Value.OtlpHeadersFile, out var fields, out _);
        foreach (var (name, value) in fields)
            client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        return client;
    }

    private OtlpExporterOptions OptionsFor(string path)
    {
        var endpoint = new Uri(options.Value.OtlpEndpoint);
        var isHttp = options.Value.OtlpProtocol == OtlpProtocol.Http;
        var export = new OtlpExporterOptions
        {
            Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc,
            Endpoint = isHttp ? new(endpoint.AbsoluteUri.TrimEnd('/') + "/" + path) : endpoint,
            TimeoutMilliseconds = (int)_patience.TotalMilliseconds,
        };
        if (options.Value.OtlpHeadersFile.Length > 0)
            export.HttpClientFactory = ClientWithHeaders;
        return export;
    }
}
