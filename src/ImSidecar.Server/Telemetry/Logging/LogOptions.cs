namespace ImSidecar.Server.Telemetry.Logging;

/// <summary>Of the section "Logging" what the levels are not.</summary>
internal sealed record LogOptions
{
    public const string Section = "Logging";
    public const string Complaint = "Logging:Format must be text, json or systemd, or empty";

    /// <summary>Empty: systemd when standard output is journald, else text.</summary>
    public string Format { get; init; } = "";

    /// <summary>Null: it is none.</summary>
    public LogFormat? KnownFormat => Format.ToLowerInvariant() switch
    {
        "" => Journal.IsOutput() ? LogFormat.Systemd : LogFormat.Text,
        "text" => LogFormat.Text,
        "json" => LogFormat.Json,
        "systemd" => LogFormat.Systemd,
        _ => null,
    };
}
