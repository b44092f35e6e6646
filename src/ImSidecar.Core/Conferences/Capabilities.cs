using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Conferences;

/// <summary>What this server supports, as Allow, Supported and Accept say it; RFC 3261 11 and 20.</summary>
public static class Capabilities
{
    public const string Methods = "INVITE, ACK, BYE, CANCEL, OPTIONS, REFER, SUBSCRIBE, UPDATE";
    public const string Extensions = "timer, norefersub, multiple-refer, recipient-list-invite";
    public const string Bodies = "application/sdp, application/resource-lists+xml, multipart/mixed";
    public const string Encodings = "identity, deflate, gzip";
    public const string Event = "conference";

    internal static Decision OnOptions(Conference? conference, OptionsRequest request) =>
        Decision.Of(conference, new Respond(request.Transaction, SipStatus.Ok)
        {
            Headers = SipHeaders.Of(
                ("Allow", Methods),
                ("Supported", Extensions),
                ("Accept", Bodies),
                ("Accept-Encoding", Encodings),
                ("Allow-Events", Event)),
        });

    /// <summary>The list server and groups take messages to several too, RFC 3428 5 and RFC 5365 6.</summary>
    internal static Decision OnOptions(Conference? conference, OptionsRequest request, OperatorPolicy policy)
    {
        var takesLists = policy.ListServerUri.SameAddress(request.Uri);
        if (!takesLists && !request.Uri.Host.Equals(policy.GroupDomain, StringComparison.OrdinalIgnoreCase))
            return OnOptions(conference, request);

        return Decision.Of(conference, new Respond(request.Transaction, SipStatus.Ok)
        {
            Headers = SipHeaders.Of(
                ("Allow", Methods + ", MESSAGE"),
                ("Supported", Extensions + (takesLists ? ", recipient-list-message" : "")),
                ("Accept", Bodies + ", */*"),
                ("Accept-Encoding", Encodings),
                ("Allow-Events", Event)),
        });
    }

    internal static Decision OnUnsupported(Conference? conference, ImRequest request) =>
        Refusals.Refuse(conference, request, SipStatus.MethodNotAllowed,
            "Method " + request.Method + " is not supported here", ("Allow", Methods));
}
