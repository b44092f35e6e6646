namespace ImSidecar.Server.Telemetry.Logging;

/// <summary>How a line of the log looks, Logging:Format.</summary>
internal enum LogFormat
{
    /// <summary>For people: time, level, category, message.</summary>
    Text,

    /// <summary>One JSON object.</summary>
    Json,

    /// <summary>For journald, which knows the time and takes the level from what stands in front.</summary>
    Systemd,
}
