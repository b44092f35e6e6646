using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Documents;

/// <summary>The event package xcap-diff, RFC 5875, which OMA clients also call ua-profile.</summary>
public static class XcapDiffPackage
{
    public const string Name = "xcap-diff";
    public const string UaProfile = "ua-profile";

    /// <summary>We tell ETags, whatever was asked for: RFC 5875 4.3 leaves that to us.</summary>
    public const string Processing = "no-patching";

    /// <summary>True for what asks for changes of documents; a ua-profile in another format does not.</summary>
    public static bool IsAskedFor(SubscribeRequest request) =>
        request.Event == Name || (request.Event == UaProfile && AcceptedBody.Names(request, XcapDiffXml.MediaType));
}
