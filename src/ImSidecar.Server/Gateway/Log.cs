using ImSidecar.Server.Gateway.V1;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Gateway;

internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "Kamailio {Instance} attached, boot {Boot}, version {Version}")]
    public static partial void Attached(ILogger logger, string instance, string boot, string version);

    [LoggerMessage(101, LogLevel.Warning, "Kamailio {Instance} detached")]
    public static partial void Detached(ILogger logger, string instance);

    [LoggerMessage(102, LogLevel.Error, "An event of kind {Kind} failed and is given up (Call-ID {CallId})")]
    public static partial void EventFailed(
        ILogger logger, SipEvent.EventOneofCase kind, string callId, Exception exception);

    [LoggerMessage(103, LogLevel.Warning,
        "Overload: new requests are refused, {Requests} are in work, the oldest for {Waited}")]
    public static partial void Overloaded(ILogger logger, int requests, TimeSpan waited);

    [LoggerMessage(104, LogLevel.Information, "Overload is over, {Refused} requests were refused")]
    public static partial void OverloadOver(ILogger logger, long refused);

    [LoggerMessage(105, LogLevel.Warning,
        "The boot of Kamailio is not remembered: a restarted node would take its transactions for lost once more")]
    public static partial void BootNotRemembered(ILogger logger, Exception exception);

    [LoggerMessage(106, LogLevel.Warning, "{Subject} may not attach by Gateway:Listen: {Reason}")]
    public static partial void GatewayRefused(ILogger logger, string subject, string reason);

    [LoggerMessage(107, LogLevel.Error, "What was read before stays in use: {Complaint}")]
    public static partial void GatewayCertificateNotTaken(ILogger logger, string complaint);

    [LoggerMessage(108, LogLevel.Warning,
        "No Kamailio has attached to Gateway:Socket {Socket} for {Seconds} s: its kamailio.cfg has to load im_sidecar.so with "
        + "modparam(\"im_sidecar\", \"target\", \"unix:{Socket}\"), and its user has to be able to write to that socket")]
    public static partial void NobodyAttached(ILogger logger, double seconds, string socket);

    [LoggerMessage(110, LogLevel.Warning,
        "No Kamailio has attached to Gateway:Socket {Socket} or Gateway:Listen {Listen} for {Seconds} s: its "
        + "kamailio.cfg has to load im_sidecar.so with modparam(\"im_sidecar\", \"target\", \"unix:{Socket}\") and its user "
        + "to be able to write to that socket, or on another machine the target is \"dns:NAME:PORT\", with a certificate that Gateway takes")]
    public static partial void NobodyAttachedFromAnywhere(ILogger logger, double seconds, string socket, string listen);

    [LoggerMessage(111, LogLevel.Warning,
        "Kamailio (boot {Boot}) is away for {Seconds} s (Gateway:GoneAfter) while another one is attached: what was in flight there "
        + "has failed")]
    public static partial void BootGivenUp(ILogger logger, string boot, double seconds);

    [LoggerMessage(109, LogLevel.Error, "Kamailio {Instance} ({Version}) is not let in: {Reason}")]
    public static partial void LinkRefused(ILogger logger, string instance, string version, string reason);
}
