namespace ImSidecar.Server.Telemetry;

/// <summary>Section "Telemetry": who may look at the process, and how.</summary>
internal sealed record TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>Metrics in Prometheus' text format, /metrics at Http:Listen.</summary>
    public bool Prometheus { get; init; } = true;
}
