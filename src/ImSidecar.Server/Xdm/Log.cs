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

    [LoggerMessage(483, LogLevel.Warning, "Rules of {User} cannot be read: {Reason}")]
    public static partial void UserUnavailable(ILogger logger, string user, string reason);

    [LoggerMessage(484, LogLevel.Error, "Rules of {User} could not be compiled")]
    public static partial void UserFailed(ILogger logger, string user, Exception error);

    [LoggerMessage(485, LogLevel.Warning, "Rules of {User}: {Problem}")]
    public static partial void UserProblem(ILogger logger, string user, string problem);
}
