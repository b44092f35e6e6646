namespace ImSidecar.Server.Xdm.Embedded.Identity;

/// <summary>Who asks: the canonical form of the identity that was asserted or proved.</summary>
internal sealed record XcapCaller(string Identity)
{
    public bool Is(string user) => Identity == user;

    public bool IsAmong(IReadOnlySet<string> users) => users.Contains(Identity);
}
