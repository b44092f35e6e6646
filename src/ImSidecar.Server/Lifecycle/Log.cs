using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Lifecycle;

internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Warning,
        "Draining: new sessions and messages to lists and groups are refused, the rest goes on")]
    public static partial void DrainBegins(ILogger logger);

    [LoggerMessage(1001, LogLevel.Warning,
        "Draining is over: in service again; {Refused} requests were refused for it since the start")]
    public static partial void DrainEnds(ILogger logger, long refused);
}
