namespace ImSidecar.Protocol.Xdm;

/// <summary>
/// Names a document below any XCAP root, RFC 4825 6.2: application usage, tree and path. Segments are unescaped; the user
/// (XUI) is in canonical form, so that two spellings of one user name the same document.
/// </summary>
/// <param name="Auid">The application usage, such as org.openmobilealliance.groups.</param>
/// <param name="User">Whose document it is; null in the global tree.</param>
/// <param name="Path">What follows the user, or "global": usually one file name; "byGroupID/URI" for a group.</param>
public sealed record DocumentSelector(string Auid, string? User, string Path)
{
    public bool IsGlobal => User is null;

    /// <summary>The lookup of a group document by the group's address key.</summary>
    public static DocumentSelector OfGroup(string addressKey) =>
        new(ApplicationUsage.Groups, null, ApplicationUsage.ByGroup + addressKey);

    /// <summary>Unescaped: for logs and keys, not for a URI.</summary>
    public override string ToString() => Auid + (User is null ? "/global/" : "/users/" + User + "/") + Path;
}
