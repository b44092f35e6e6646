using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm.Diff;

internal static partial class Log
{
    [LoggerMessage(450, LogLevel.Warning, "Subscribed documents cannot be read now, they are looked at again")]
    public static partial void DocumentsUnreadable(ILogger logger, Exception exception);
}
