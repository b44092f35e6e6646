using System.Net;

namespace ImSidecar.Server.Lifecycle;

/// <summary>Where the process listens, and the key that says so.</summary>
internal sealed record Door(string Key, EndPoint EndPoint)
{
    public override string ToString() => $"{Key} {EndPoint}";
}
