using ImSidecar.Protocol.Xdm;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm.Embedded;

internal static partial class Log
{
    [LoggerMessage(472, LogLevel.Information, "XCAP {Method} in {Auid} refused to {Caller}")]
    public static partial void XcapRefused(ILogger logger, string method, string auid, string caller);

    [LoggerMessage(473, LogLevel.Warning, "An XCAP request is answered 503: {Reason}")]
    public static partial void XcapStoreFails(ILogger logger, string reason);

    [LoggerMessage(474, LogLevel.Error, "What was to be done about the changed document {Document} failed")]
    public static partial void HandlerFailed(ILogger logger, DocumentSelector document, Exception exception);
}
