using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm.Diff;

internal static partial class Log
{
    [LoggerMessage(460, LogLevel.Warning, "Subscribed documents cannot be read now, they are looked at again")]
    public static partial void DocumentsUnreadable(ILogger logger, Exception exception);

    [LoggerMessage(461, LogLevel.Warning,
        "No subscription to changes of documents at {Notifier}: they are asked for again and again instead")]
    public static partial void NotSubscribed(ILogger logger, string notifier);

    [LoggerMessage(462, LogLevel.Information, "{Notifier} tells of changes of documents again")]
    public static partial void SubscribedAgain(ILogger logger, string notifier);
}
