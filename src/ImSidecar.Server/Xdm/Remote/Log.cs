using ImSidecar.Protocol.Xdm;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm.Remote;

internal static partial class Log
{
    [LoggerMessage(450, LogLevel.Warning,
        "No documents from the XDMS: {Reason}; those that are known serve for KeepFor, the rest is refused")]
    public static partial void Failing(ILogger logger, string reason);

    [LoggerMessage(451, LogLevel.Information, "The XDMS answers again, after {Time}")]
    public static partial void WellAgain(ILogger logger, TimeSpan time);

    [LoggerMessage(452, LogLevel.Warning, "The document {Document} cannot be had: {Reason}")]
    public static partial void Refused(ILogger logger, DocumentSelector document, string reason);

    [LoggerMessage(453, LogLevel.Error, "What was to be done about the changed document {Document} failed")]
    public static partial void HandlerFailed(ILogger logger, DocumentSelector document, Exception exception);

    [LoggerMessage(454, LogLevel.Error, "Looking after the documents of the XDMS failed; it goes on")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(456, LogLevel.Warning, "What was known of {Document} before the start cannot be read")]
    public static partial void NotRecalled(ILogger logger, DocumentSelector document, Exception exception);

    [LoggerMessage(457, LogLevel.Warning, "What is known of the documents of the XDMS is not remembered")]
    public static partial void NotRemembered(ILogger logger, Exception exception);

    [LoggerMessage(455, LogLevel.Error, "Asking the XDMS for {Document} failed")]
    public static partial void GetFailed(ILogger logger, DocumentSelector document, Exception exception);
}
