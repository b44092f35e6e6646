using System.Collections.Immutable;

namespace ImSidecar.Server.Xdm.Embedded.Identity;

/// <summary>Who asks: the canonical forms of the identities that were asserted or proved, one user's all of them.</summary>
internal sealed record XcapCaller(ImmutableArray<string> Identities)
{
    public XcapCaller(string identity)
        : this([identity])
    {
    }

    public bool Is(string user) => Identities.Contains(user);

    public bool IsAmong(IReadOnlySet<string> users) => Identities.Any(users.Contains);
}
