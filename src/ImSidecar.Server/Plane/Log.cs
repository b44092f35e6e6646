using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Plane;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Attached to the MSRP plane, version {Version}")]
    public static partial void PlaneAttached(ILogger logger, string version);

    [LoggerMessage(2, LogLevel.Warning, "No MSRP plane at {Socket}: {Reason}; new sessions are refused until there is")]
    public static partial void PlaneDetached(ILogger logger, string socket, string reason);

    [LoggerMessage(3, LogLevel.Warning, "The MSRP plane does not open legs in time")]
    public static partial void PlaneSlow(ILogger logger);

    [LoggerMessage(4, LogLevel.Information, "Sidecar {Node} attached")]
    public static partial void SidecarAttached(ILogger logger, string node);

    [LoggerMessage(5, LogLevel.Warning, "Sidecar {Node} detached; its sessions go on for {KeepFor}")]
    public static partial void SidecarDetached(ILogger logger, string node, TimeSpan keepFor);

    [LoggerMessage(6, LogLevel.Information, "{Node} says which sessions there are: {Closed} of {Legs} are closed")]
    public static partial void Synchronized(ILogger logger, string node, int closed, int legs);

    [LoggerMessage(7, LogLevel.Warning, "No sidecar for {KeptFor}: {Legs} sessions are closed")]
    public static partial void LegsGivenUp(ILogger logger, TimeSpan keptFor, int legs);

    [LoggerMessage(8, LogLevel.Error, "A leg that cannot be opened: {Reason}")]
    public static partial void LegMalformed(ILogger logger, string reason);
}
