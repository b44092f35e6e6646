using System.Net;

namespace ImSidecar.EndToEnd.Tests.Cluster;

/// <summary>The machines of a cluster: here all are this one, each with an address, and Unix sockets lead from one to the other.</summary>
internal class ClusterNet : IDisposable
{
    public const string Database = "db";

    public virtual IPAddress AddressOf(string machine) => IPAddress.Parse(machine switch
    {
        "k1" or "east" or Database => "127.0.0.1",
        "k2" or "west" => "127.0.0.2",
        _ => "127.0.0.3",
    });

    /// <summary>What the command of a program that runs there begins with.</summary>
    public virtual IReadOnlyList<string> Enter(string machine) => [];

    /// <summary>How a Kamailio reaches the gateway of a node.</summary>
    public virtual string TargetOf(string node, string socket) => "unix:" + socket;

    /// <summary>What a node is to know of its gateway.</summary>
    public virtual IEnumerable<string> NodeSettings(string node) => [];

    public virtual IEnumerable<string> KamailioSettings() => [];

    /// <summary>By a way that is always there.</summary>
    public virtual HttpMessageHandler NewWayToHttp() => new SocketsHttpHandler();

    public virtual void Dispose()
    {
    }
}
