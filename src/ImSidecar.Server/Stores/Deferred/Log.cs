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

    [LoggerMessage(314, LogLevel.Warning,
        "Other nodes were not told that something is kept for a user: {Reason}; he gets it when he registers next")]
    public static partial void NotTold(ILogger logger, string reason);

    [LoggerMessage(315, LogLevel.Warning, "What other nodes keep for users of this one is not heard of: {Reason}")]
    public static partial void NotHeard(ILogger logger, string reason);
}
