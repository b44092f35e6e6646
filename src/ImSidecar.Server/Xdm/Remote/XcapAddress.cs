using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>Where a document is found below the root of the XDMS, RFC 4825 6.</summary>
internal sealed class XcapAddress(XcapClientOptions options)
{
    private readonly string _root = options.Root.TrimEnd('/') + "/";

    /// <summary>Null for a selector that no URI can say, so that there is no such document.</summary>
    public Uri? Of(DocumentSelector selector)
    {
        if (selector.GroupKey is { } group)
            return IsSegment(group) ? new(_root + Group(group)) : null;

        var isPlain = selector.Path.Split('/').All(IsSegment)
            && IsSegment(selector.Auid)
            && (selector.User is null || IsSegment(selector.User));
        return isPlain ? new(_root + XcapUri.Write(selector)) : null;
    }

    // Some products have another name for the folder.
    private string Group(string key) =>
        $"{ApplicationUsage.Groups}/global/{options.GroupFolder}/{XcapEscape.Escape(key)}";

    // Dots would be resolved on the way and lead to another document.
    private static bool IsSegment(string text) => text is not ("" or "." or "..");
}
