using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Telemetry;

internal static partial class Log
{
    [LoggerMessage(1100, LogLevel.Warning,
        "The collector at {Endpoint} (Telemetry:OtlpEndpoint) takes no {Signal}: they are dropped until it does")]
    public static partial void CollectorAway(ILogger logger, string endpoint, string signal);

    [LoggerMessage(1101, LogLevel.Information, "The collector at {Endpoint} takes {Signal} again")]
    public static partial void CollectorBack(ILogger logger, string endpoint, string signal);
}
