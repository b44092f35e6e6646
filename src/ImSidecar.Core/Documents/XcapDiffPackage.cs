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
        request.Event == Name || (request.Event == UaProfile && Names(request, XcapDiffXml.MediaType));

    /// <summary>Without an Accept header field the format of the package is meant, RFC 6665 3.1.3.</summary>
    internal static bool Accepts(SubscribeRequest request) =>
        request.Headers.First("Accept") is null
        || Names(request, XcapDiffXml.MediaType)
        || Names(request, "application/*")
        || Names(request, "*/*");

    private static bool Names(SubscribeRequest request, string type) => request.Headers.Values("Accept").Any(value =>
    {
        var semicolon = value.IndexOf(';', StringComparison.Ordinal);
        var name = (semicolon < 0 ? value : value[..semicolon]).Trim();
        return name.Equals(type, StringComparison.OrdinalIgnoreCase);
    });
}
