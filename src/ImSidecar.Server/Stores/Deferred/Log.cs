using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Stores.Deferred;

internal static partial class Log
{
    [LoggerMessage(310, LogLevel.Information, "Deferred messages are kept in {Store}, {Encryption}")]
    public static partial void Opened(ILogger logger, string store, string encryption);

    [LoggerMessage(311, LogLevel.Information, "Every deferred message is on disk, their store is closed")]
    public static partial void Closed(ILogger logger);

    [LoggerMessage(312, LogLevel.Error,
        "Deferred message {Number} of {User} cannot be read: {Reason}; it stays in the store, and is not delivered")]
    public static partial void Unreadable(ILogger logger, long number, string user, string reason);
}
