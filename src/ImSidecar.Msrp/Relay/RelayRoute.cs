using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Relay;

/// <summary>Where frames with these paths go, and the paths they go with; good while its sessions stay.</summary>
internal sealed class RelayRoute(
    MsrpHead head, RelayConnection target, byte[] paths, IReadOnlyList<RelaySession> sessions)
{
    private readonly byte[] _to = head.ToPathBytes.ToArray();
    private readonly byte[] _from = head.FromPathBytes.ToArray();
    private readonly int[] _versions = [.. sessions.Select(each => each.Version)];

    public RelayConnection Target => target;

    /// <summary>Header lines of both paths, each with its CRLF.</summary>
    public ReadOnlySpan<byte> Paths => paths;

    public IReadOnlyList<RelaySession> Sessions => sessions;

    public bool IsFor(MsrpHead head) =>
        head.ToPathBytes.SequenceEqual(_to) && head.FromPathBytes.SequenceEqual(_from) && IsValid();

    private bool IsValid()
    {
        if (target.Output.IsOver)
            return false;

        for (var i = 0; i < _versions.Length; i++)
        {
            if (sessions[i].IsOver || sessions[i].Version != _versions[i])
                return false;
        }

        return true;
    }
}
