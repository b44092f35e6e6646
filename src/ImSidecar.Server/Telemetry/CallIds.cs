using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Telemetry;

/// <summary>The Call-ID of what happened, for log and traces; "-" where there is none, as for a timer.</summary>
internal static class CallIds
{
    public const string None = "-";

    public static string Of(AggregateEvent? happened) => happened switch
    {
        RequestArrived arrived => arrived.Request.CallId,
        InviteAcknowledged acknowledged => Known(acknowledged.Dialog.CallId),
        AckTimedOut late => Known(late.Dialog.CallId),
        ResponseArrived response => response.Response.Headers.First("Call-ID") ?? None,
        _ => None,
    };

    private static string Known(string callId) => callId.Length > 0 ? callId : None;
}
