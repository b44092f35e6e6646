using ImSidecar.Server.Telemetry.Otlp;
using Microsoft.Extensions.Options;

namespace ImSidecar.Server.Telemetry;

/// <summary>Section "Telemetry": who may look at the process, and how.</summary>
internal sealed record TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>Metrics in Prometheus' text format, /metrics at Http:Listen.</summary>
    public bool Prometheus { get; init; } = true;

    /// <summary>URI of an OpenTelemetry collector; empty: nothing is sent.</summary>
    public string OtlpEndpoint { get; init; } = "";

    public OtlpProtocol OtlpProtocol { get; init; } = OtlpProtocol.Grpc;

    /// <summary>File with header fields for the collector, NAME=VALUE; empty: none.</summary>
    public string OtlpHeadersFile { get; init; } = "";

    /// <summary>How often metrics go to the collector.</summary>
    public TimeSpan MetricInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Of the Call-IDs, how many are traced: 0 none, 1 all.</summary>
    public double TraceRatio { get; init; } = 0.1;
}

/// <summary>Checks the section "Telemetry" at start; each complaint names its key.</summary>
internal sealed class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>
{
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, TelemetryOptions options)
    {
        List<string> failures = [];
        Uri? endpoint = null;
        if (options.OtlpEndpoint.Length > 0
            && !(Uri.TryCreate(options.OtlpEndpoint, UriKind.Absolute, out endpoint)
                && endpoint.Scheme is "http" or "https"))
            failures.Add("Telemetry:OtlpEndpoint must be an http or https URI, or empty");

        if (endpoint is { UserInfo.Length: > 0 })
            failures.Add("Telemetry:OtlpEndpoint must not hold a password; OtlpHeadersFile names its file");

        if (!Enum.IsDefined(options.OtlpProtocol))
            failures.Add("Telemetry:OtlpProtocol must be Grpc or Http");

        if (options.OtlpHeadersFile.Length > 0 && !OtlpHeaders.TryRead(options.OtlpHeadersFile, out _, out var error))
            failures.Add($"Telemetry:OtlpHeadersFile: {options.OtlpHeadersFile} {error}");

        if (options.MetricInterval < _shortest || options.MetricInterval > _longest)
            failures.Add("Telemetry:MetricInterval must be 1 second to 1 hour");

        if (!(options.TraceRatio is >= 0 and <= 1))
            failures.Add("Telemetry:TraceRatio must be 0 to 1");

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
