using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Warning, "Group {Group} cannot be read: {Reason}")]
    public static partial void GroupUnavailable(ILogger logger, string group, string reason);

    [LoggerMessage(LogLevel.Error, "Group {Group} could not be compiled")]
    public static partial void GroupFailed(ILogger logger, string group, Exception error);

    [LoggerMessage(LogLevel.Warning, "Document of group {Group}: {Problem}")]
    public static partial void GroupProblem(ILogger logger, string group, string problem);
}
