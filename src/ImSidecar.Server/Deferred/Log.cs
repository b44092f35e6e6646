using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Deferred;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "A message could not be kept")]
    public static partial void NotKept(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Messages that were delivered could not be removed yet")]
    public static partial void NotRemoved(ILogger logger, Exception exception);
}
