using ImSidecar.Protocol.Xdm;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm.Embedded;

internal static partial class Log
{
    [LoggerMessage(470, LogLevel.Information, "{Path}: {Users} users of HTTP Digest, {Skipped} lines skipped")]
    public static partial void DigestFileRead(ILogger logger, string path, int users, int skipped);

    [LoggerMessage(471, LogLevel.Error, "{Path} cannot be read, and nobody gets in by HTTP Digest: {Reason}")]
    public static partial void DigestFileUnreadable(ILogger logger, string path, string reason);

    [LoggerMessage(472, LogLevel.Information, "XCAP {Method} in {Auid} refused to {Caller}")]
    public static partial void XcapRefused(ILogger logger, string method, string auid, string caller);

    [LoggerMessage(473, LogLevel.Warning, "An XCAP request is answered 503: {Reason}")]
    public static partial void XcapStoreFails(ILogger logger, string reason);

    [LoggerMessage(474, LogLevel.Error, "What was to be done about the changed document {Document} failed")]
    public static partial void HandlerFailed(ILogger logger, DocumentSelector document, Exception exception);
}
