using Microsoft.Extensions.Logging;

namespace ImSidecar.Grpc;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "gRPC handler of {Method} failed")]
    public static partial void HandlerFailed(ILogger logger, string method, Exception exception);

    [LoggerMessage(2, LogLevel.Debug, "gRPC call {Method} from {Peer} ended: {Code} {Text}")]
    public static partial void CallEnded(ILogger logger, string method, string peer, GrpcStatusCode code, string text);
}
