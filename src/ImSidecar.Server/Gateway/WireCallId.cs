using ImSidecar.Server.Gateway.V1;
using ImSidecar.Server.Telemetry;

namespace ImSidecar.Server.Gateway;

/// <summary>The Call-ID of an event before anything of it is parsed.</summary>
internal static class WireCallId
{
    public static string Of(SipEvent happened) => happened.EventCase switch
    {
        SipEvent.EventOneofCase.Request => Of(happened.Request.Headers),
        SipEvent.EventOneofCase.Response => Of(happened.Response.Headers),
        SipEvent.EventOneofCase.Acknowledged => Of(happened.Acknowledged.Dialog),
        SipEvent.EventOneofCase.AckTimeout => Of(happened.AckTimeout.Dialog),
        SipEvent.EventOneofCase.Registration when happened.Registration.CallId.Length > 0 =>
            happened.Registration.CallId,
        _ => CallIds.None,
    };

    private static string Of(DialogIds? dialog) => dialog is { CallId.Length: > 0 } ? dialog.CallId : CallIds.None;

    private static string Of(IReadOnlyList<Header> headers)
    {
        foreach (var header in headers)
        {
            if (header.Name.Equals("Call-ID", StringComparison.OrdinalIgnoreCase)
                || header.Name.Equals("i", StringComparison.OrdinalIgnoreCase))
                return header.Value.ToStringUtf8();
        }

        return CallIds.None;
    }
}
