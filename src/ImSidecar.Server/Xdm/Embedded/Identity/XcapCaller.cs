namespace ImSidecar.Server.Xdm.Embedded.Identity;

/// <summary>Who asks: the canonical forms of all identities that were asserted or proved.</summary>
internal sealed record XcapCaller(IReadOnlyList<string> Identities)
{
    public bool Is(string user) => Identities.Contains(user, StringComparer.Ordinal);

    public bool IsAmong(IReadOnlySet<string> users) => Identities.Any(users.Contains);
}
