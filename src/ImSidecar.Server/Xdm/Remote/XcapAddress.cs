using System.Buffers;
using System.Globalization;
using System.Text;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>Where a document is found below the root of the XDMS, RFC 4825 6.</summary>
internal sealed class XcapAddress(XcapClientOptions options)
{
    // RFC 3986 3.3: what may stand in a segment as it is.
    private static readonly SearchValues<char> _literal = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@");

    private readonly string _root = options.Root.TrimEnd('/') + "/";

    /// <summary>Null for a selector that no URI can say, so that there is no such document.</summary>
    public Uri? Of(DocumentSelector selector)
    {
        string[] segments = IsGroupLookup(selector)
            ? [selector.Auid, "global", options.GroupFolder, selector.Path[ApplicationUsage.ByGroup.Length..]]
            : selector.User is { } user
                ? [selector.Auid, "users", user, .. selector.Path.Split('/')]
                : [selector.Auid, "global", .. selector.Path.Split('/')];

        // Dots would be resolved on the way and lead to another document.
        if (segments.Any(segment => segment is "" or "." or ".."))
            return null;

        return new Uri(_root + string.Join('/', segments.Select(Escape)));
    }

    /// <summary>A URI for the header field that names us: nothing in it ends the quotes or the line.</summary>
    public static string EscapeIdentity(string uri) => Escape(uri);

    private static bool IsGroupLookup(DocumentSelector selector) =>
        selector.IsGlobal && selector.Path.StartsWith(ApplicationUsage.ByGroup, StringComparison.Ordinal);

    private static string Escape(string segment)
    {
        if (!segment.AsSpan().ContainsAnyExcept(_literal))
            return segment;

        var text = new StringBuilder(segment.Length + 16);
        foreach (var octet in Encoding.UTF8.GetBytes(segment))
        {
            if (_literal.Contains((char)octet))
                text.Append((char)octet);
            else
                text.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }

        return text.ToString();
    }
}
