using Microsoft.Extensions.Logging;

namespace ImSidecar.Msrp;

/// <summary>Everything the switch logs; never what a message says.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "MSRP connection failed")]
    public static partial void ConnectionFailed(this ILogger log, Exception failure);

    [LoggerMessage(2, LogLevel.Error, "Writing to an MSRP connection failed")]
    public static partial void WriterFailed(this ILogger log, Exception failure);

    [LoggerMessage(3, LogLevel.Warning, "MSRP connection from {Peer} refused: {Limit} are open")]
    public static partial void TooManyConnections(this ILogger log, object? peer, int limit);

    [LoggerMessage(4, LogLevel.Information, "MSRP connection from {Peer} closed: not MSRP ({Fault})")]
    public static partial void Malformed(this ILogger log, object? peer, Protocol.Msrp.MsrpFault fault);

    [LoggerMessage(5, LogLevel.Information, "MSRP connection from {Peer} closed: no session in time")]
    public static partial void NeverBound(this ILogger log, object? peer);

    [LoggerMessage(6, LogLevel.Warning, "MSRP connection from {Peer} closed: the peer does not read")]
    public static partial void Stalled(this ILogger log, object? peer);

    /// <summary>Without the session id: who knows it may write there.</summary>
    public static void ConnectFailed(this ILogger log, Protocol.Msrp.MsrpUri uri, string reason) =>
        log.ConnectFailed(uri.IsSecure ? "msrps" : "msrp", uri.Host, uri.EffectivePort, reason);

    [LoggerMessage(7, LogLevel.Warning, "Connecting to {Scheme}://{Host}:{Port} failed: {Reason}")]
    private static partial void ConnectFailed(
        this ILogger log, string scheme, string host, int port, string reason);

    [LoggerMessage(8, LogLevel.Error, "Event of leg lost: nobody reads the events of the MSRP switch")]
    public static partial void EventLost(this ILogger log);

    [LoggerMessage(9, LogLevel.Error, "Supervision of the MSRP switch failed")]
    public static partial void SupervisionFailed(this ILogger log, Exception failure);

    [LoggerMessage(10, LogLevel.Information, "MSRP connection from {Peer} closed: the peer is silent")]
    public static partial void Silent(this ILogger log, object? peer);

    [LoggerMessage(11, LogLevel.Warning, "MSRP connection from {Peer} closed: it missed {Count} messages")]
    public static partial void Overflowed(this ILogger log, object? peer, int count);

    [LoggerMessage(20, LogLevel.Warning, "The relay gave {User} no session: {Limit}")]
    public static partial void SessionRefused(this ILogger log, string user, string limit);

    [LoggerMessage(21, LogLevel.Warning, "The relay closed the connection with {Peer}: {Reason}")]
    public static partial void RelayClosed(this ILogger log, object? peer, string reason);

    [LoggerMessage(22, LogLevel.Error, "Supervision of the MSRP relay failed")]
    public static partial void RelaySupervisionFailed(this ILogger log, Exception failure);
}
