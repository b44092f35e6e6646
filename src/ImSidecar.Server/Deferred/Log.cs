using ImSidecar.Core.Conferences;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Deferred;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Id}: a message could not be kept")]
    public static partial void NotKept(ILogger logger, AggregateId id, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A notification that is on its way could not be forgotten yet")]
    public static partial void NoticeKept(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} messages have expired")]
    public static partial void Expired(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Who has messages waiting could not be read; it is tried again")]
    public static partial void NotLooked(ILogger logger, Exception bug);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The message store could not be swept")]
    public static partial void NotSwept(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Bringing messages to {User} failed")]
    public static partial void NotDelivered(ILogger logger, string user, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Id}: messages that were delivered could not be removed yet")]
    public static partial void NotRemoved(ILogger logger, AggregateId id, Exception exception);
}
