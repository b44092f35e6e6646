using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Telemetry;

internal static partial class Log
{
    [LoggerMessage(1100, LogLevel.Warning,
        "The collector at {Endpoint} (Telemetry:OtlpEndpoint) takes nothing: metrics and traces are dropped until then")]
    public static partial void CollectorAway(ILogger logger, string endpoint);

    [LoggerMessage(1101, LogLevel.Information, "The collector at {Endpoint} takes metrics and traces again")]
    public static partial void CollectorBack(ILogger logger, string endpoint);
}
