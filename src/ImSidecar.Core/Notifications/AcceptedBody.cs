using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Notifications;

/// <summary>What bodies a subscriber takes in NOTIFYs, RFC 6665 3.1.3.</summary>
internal static class AcceptedBody
{
    /// <summary>Without an Accept header field the format of the package is meant.</summary>
    public static bool Includes(SubscribeRequest request, string type) =>
        request.Headers.First("Accept") is null
        || Names(request, type)
        || Names(request, type[..type.IndexOf('/', StringComparison.Ordinal)] + "/*")
        || Names(request, "*/*");

    /// <summary>He names just that type, and not as one he does not want.</summary>
    public static bool Names(SubscribeRequest request, string type) => request.Headers.Values("Accept").Any(value =>
    {
        var semicolon = value.IndexOf(';', StringComparison.Ordinal);
        var (name, parameters) = semicolon < 0 ? (value, "") : (value[..semicolon], value[semicolon..]);
        return name.Trim().Equals(type, StringComparison.OrdinalIgnoreCase) && !IsUnwanted(parameters);
    });

    // RFC 3261 20.1
    private static bool IsUnwanted(string parameters) =>
        SipParameters.Find(parameters, "q") is "0" or "0." or "0.0" or "0.00" or "0.000";
}
