using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Stores;

internal static partial class Log
{
    [LoggerMessage(300, LogLevel.Information, "Conferences are kept in {Path}, SQLite {Version}")]
    public static partial void Opened(ILogger logger, string path, string version);

    [LoggerMessage(301, LogLevel.Information, "Every save is on disk, the store is closed")]
    public static partial void Closed(ILogger logger);
}
