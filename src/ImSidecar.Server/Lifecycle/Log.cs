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

    [LoggerMessage(1002, LogLevel.Information, "The configuration was read again: {What}")]
    public static partial void Reloaded(ILogger logger, string what);

    [LoggerMessage(1003, LogLevel.Warning,
        "The configuration was read again: {Key} has changed and needs a restart")]
    public static partial void NeedsRestart(ILogger logger, string key);

    [LoggerMessage(1004, LogLevel.Error,
        "The configuration was read again and is wrong, nothing of it is taken: {Error}")]
    public static partial void NotReloaded(ILogger logger, string error);

    [LoggerMessage(1005, LogLevel.Error,
        "Nothing has got through for {Time}: the service manager is not told that we work")]
    public static partial void DoesNotWork(ILogger logger, TimeSpan time, Exception error);

    [LoggerMessage(1006, LogLevel.Warning,
        "The clock was set: it is {Seconds} s ahead of the time that we go by. Deadlines hold; times that we tell others are right "
        + "again after a restart")]
    public static partial void ClockWasSet(ILogger logger, double seconds);

    [LoggerMessage(1007, LogLevel.Error, "The configuration was read again, and that failed: the old one holds")]
    public static partial void ReloadFailed(ILogger logger, Exception bug);

    [LoggerMessage(1008, LogLevel.Critical, "{Service} has failed, so the node stops: a bug")]
    public static partial void ServiceFailed(ILogger logger, string service, Exception bug);
}
