using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Relay;

/// <summary>The routes a connection used last. Not thread-safe: for its reader alone.</summary>
internal sealed class RouteCache
{
    private const int Places = 64;

    private RelayRoute? _last;
    private RelayRoute?[]? _more;

    public RelayRoute? Find(MsrpHead head)
    {
        if (_last is { } last && last.IsFor(head))
            return last;

        return _more?[Place(head)] is { } other && other.IsFor(head) ? _last = other : null;
    }

    public void Add(MsrpHead head, RelayRoute route)
    {
        // Most connections have one session, and need no more than the last.
        if (_last is not null)
            (_more ??= new RelayRoute?[Places])[Place(head)] = route;

        _last = route;
    }

    private static int Place(MsrpHead head)
    {
        var hash = new HashCode();
        hash.AddBytes(head.ToPathBytes);
        return (int)((uint)hash.ToHashCode() % Places);
    }
}
