using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Xdm;

/// <summary>
/// Names a document below any XCAP root, RFC 4825 6.2: application usage, tree and path. Segments are unescaped; the
/// user (XUI) is in canonical form, so that two spellings of one user name the same document.
/// </summary>
/// <param name="Auid">The application usage, such as org.openmobilealliance.groups.</param>
/// <param name="User">Whose document it is; null in the global tree.</param>
/// <param name="Path">What follows the user, or "global": usually one file name; "byGroupID/URI" for a group.</param>
public sealed record DocumentSelector(string Auid, string? User, string Path)
{
    public bool IsGlobal => User is null;

    /// <summary>The address key of the group that is looked up; null when it is no lookup.</summary>
    public string? GroupKey =>
        IsGlobal
        && Auid == ApplicationUsage.Groups
        && Path.StartsWith(ApplicationUsage.ByGroup, StringComparison.Ordinal)
            ? Path[ApplicationUsage.ByGroup.Length..]
            : null;

    /// <summary>The lookup of a group document by the group's address key.</summary>
    public static DocumentSelector OfGroup(string addressKey) =>
        new(ApplicationUsage.Groups, null, ApplicationUsage.ByGroup + addressKey);

    /// <summary>
    /// A user or group in the one form that names it: the address key of a SIP or tel URI, other text as it is.
    /// </summary>
    public static string Canonical(string user) => SipUri.TryParse(user, out var uri) ? uri.AddressKey : user;

    /// <summary>
    /// From unescaped segments. The PoC usage of groups is an alias of groups, "byGroup" one of byGroupID.
    /// </summary>
    internal static XcapUriResult Parse(ImmutableArray<string> segments, out DocumentSelector selector)
    {
        selector = null!;
        if (segments.Any(segment => segment is "." or ".."))
            return XcapUriResult.Malformed;

        if (segments.Length < 3 || segments.Any(string.IsNullOrEmpty))
            return XcapUriResult.NoDocument;

        var auid = segments[0] == ApplicationUsage.PocGroups ? ApplicationUsage.Groups : segments[0];
        return segments[1] switch
        {
            "users" => ParseOfUser(auid, segments, out selector),
            "global" => ParseGlobal(auid, segments, out selector),
            _ => XcapUriResult.NoDocument,
        };
    }

    private static XcapUriResult ParseOfUser(
        string auid, ImmutableArray<string> segments, out DocumentSelector selector)
    {
        selector = null!;
        if (segments.Length < 4)
            return XcapUriResult.NoDocument;

        var user = Canonical(segments[2]);
        var path = segments[3..];
        if (!IsPlain(user) || path.Any(segment => segment.Contains('/')))
            return XcapUriResult.Malformed;

        selector = new(auid, user, string.Join('/', path));
        return XcapUriResult.Ok;
    }

    // A group URI may hold a slash, which makes no folder of it.
    private static XcapUriResult ParseGlobal(
        string auid, ImmutableArray<string> segments, out DocumentSelector selector)
    {
        var isLookup = auid == ApplicationUsage.Groups
            && segments.Length > 3
            && segments[2] is "byGroupID" or "byGroup";
        var path = string.Join('/', segments[(isLookup ? 3 : 2)..]);
        selector = isLookup ? OfGroup(Canonical(path)) : new(auid, null, path);
        return IsPlain(selector.Path) ? XcapUriResult.Ok : XcapUriResult.Malformed;
    }

    // The canonical form of a user has lost one more layer of escapes.
    private static bool IsPlain(string text) =>
        !text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.Contains('\x7f');

    /// <summary>Unescaped: for logs and keys, not for a URI.</summary>
    public override string ToString() => Auid + (User is null ? "/global/" : "/users/" + User + "/") + Path;
}
