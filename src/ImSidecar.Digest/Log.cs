using Microsoft.Extensions.Logging;

namespace ImSidecar.Digest;

internal static partial class Log
{
    [LoggerMessage(470, LogLevel.Information, "{Path}: {Users} users of Digest, {Skipped} lines skipped")]
    public static partial void DigestFileRead(this ILogger logger, string path, int users, int skipped);

    [LoggerMessage(471, LogLevel.Error, "{Path} cannot be read, and nobody gets in by Digest: {Reason}")]
    public static partial void DigestFileUnreadable(this ILogger logger, string path, string reason);
}
