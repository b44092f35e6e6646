using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Stores;

internal static partial class Log
{
    [LoggerMessage(300, LogLevel.Information, "Conferences are kept in {Store}")]
    public static partial void Opened(ILogger logger, string store);

    [LoggerMessage(301, LogLevel.Information, "Every save is on disk, the store is closed")]
    public static partial void Closed(ILogger logger);

    [LoggerMessage(302, LogLevel.Error,
        "{Store} cannot be written: {Reason}; what needs no save goes on, requests that do are refused")]
    public static partial void Failing(ILogger logger, string store, string reason);

    [LoggerMessage(303, LogLevel.Information, "{Store} can be written again, after {Time}")]
    public static partial void WellAgain(ILogger logger, string store, TimeSpan time);

    [LoggerMessage(304, LogLevel.Warning,
        "Changes of documents by other nodes are not heard of: {Reason}; they are looked for again")]
    public static partial void NoNews(ILogger logger, string reason);

    [LoggerMessage(313, LogLevel.Warning,
        "PostgreSQL runs with fsync=off: a crash of its machine may lose what was answered")]
    public static partial void NotDurable(ILogger logger);
}
