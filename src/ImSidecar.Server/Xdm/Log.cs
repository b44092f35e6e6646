using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm;

internal static partial class Log
{
    [LoggerMessage(480, LogLevel.Warning, "Group {Group} cannot be read: {Reason}")]
    public static partial void GroupUnavailable(ILogger logger, string group, string reason);

    [LoggerMessage(481, LogLevel.Error, "Group {Group} could not be compiled")]
    public static partial void GroupFailed(ILogger logger, string group, Exception error);

    [LoggerMessage(482, LogLevel.Warning, "Document of group {Group}: {Problem}")]
    public static partial void GroupProblem(ILogger logger, string group, string problem);
}
