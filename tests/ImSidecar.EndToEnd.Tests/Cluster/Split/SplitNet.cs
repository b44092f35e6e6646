using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ImSidecar.EndToEnd.Tests.Flows.Gateway;

namespace ImSidecar.EndToEnd.Tests.Cluster.Split;

/// <summary>
/// Each program has a network of its own, all at one bridge; the handsets are in ours. Packets of one to another vanish
/// where they arrive, as on a broken cable: who sends hears nothing.
/// </summary>
internal sealed class SplitNet : ClusterNet
{
    /// <summary>The network that the handsets are in.</summary>
    public const string Phones = "phones";

    private const string Watcher = "10.77.0.2";

    public static readonly IReadOnlyList<string> Servers = ["k1", "k2", "east", "west", Database];

    private readonly GatewayFiles _files = new();

    public SplitNet()
    {
        // Names of networks are files, which another network alone does not keep apart.
        if (NetworkInterface.GetAllNetworkInterfaces().Any(each => each.Name != "lo")
            || !File.ReadLines("/proc/self/mounts").Any(each => each.Contains(" /run/netns tmpfs ", StringComparison.Ordinal)))
            throw new InvalidOperationException("this is no network of its own: run it by 'make split'.");

        _files.Write(Servers.Select(each => (each, AddressOf(each))));
        // What is for us would be taken before any other rule is looked at.
        string[] late = ["rule add pref 200 lookup local", "rule del pref 0"];
        Ip("link set lo up", "link add bridge type bridge", "link set bridge up", "addr add 10.77.0.1/24 dev bridge");
        Ip($"addr add {Watcher}/24 dev bridge");
        Ip(late);
        foreach (var server in Servers)
        {
            Ip($"netns add {server}", $"link add {server} type veth peer name eth0 netns {server}");
            Ip($"link set {server} master bridge up");
            string[] inside = ["link set lo up", "link set eth0 up", $"addr add {AddressOf(server)}/24 dev eth0", .. late];
            Ip([.. inside.Select(each => $"-n {server} {each}")]);
        }
    }

    public override IPAddress AddressOf(string machine) => IPAddress.Parse(machine switch
    {
        Phones => "10.77.0.1",
        "k1" => "10.77.0.11",
        "k2" => "10.77.0.12",
        "east" => "10.77.0.21",
        "west" => "10.77.0.22",
        _ => "10.77.0.31",
    });

    public override IReadOnlyList<string> Enter(string machine) => ["nsenter", $"--net=/run/netns/{machine}"];

    public override string TargetOf(string node, string socket) => $"ipv4:{AddressOf(node)}:2880";

    public override IEnumerable<string> NodeSettings(string node) =>
    [
        $"--Gateway:Listen={AddressOf(node)}:2880", $"--Gateway:CertificateFile={_files.PathOf(node)}",
        $"--Gateway:CertificateAuthorities={_files.Authority}", "--Gateway:Names:0=kamailio.example.com",
    ];

    public override IEnumerable<string> KamailioSettings() =>
    [
        "-A", $"IM_TLS_CA=\"{_files.Authority}\"", "-A", $"IM_TLS_CERTIFICATE=\"{_files.Kamailio}\"",
        "-A", $"IM_TLS_KEY=\"{_files.Kamailio}\"",
    ];

    public override HttpMessageHandler NewWayToHttp() => new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(Watcher), 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    /// <summary>What that one sends to the other does not arrive any more.</summary>
    public void Cut(string from, string to) => Ip(Rule("add", from, to));

    public void Mend(string from, string to) => Ip(Rule("del", from, to));

    public override void Dispose()
    {
        _files.Dispose();
        base.Dispose();
    }

    private string Rule(string what, string from, string to) =>
        (to == Phones ? "" : $"-n {to} ")
        + $"rule {what} pref 100 from {AddressOf(from)} to {AddressOf(to)} blackhole";

    private static void Ip(params string[] commands)
    {
        foreach (var command in commands)
        {
            using var ip = Process.Start(new ProcessStartInfo("ip", command) { RedirectStandardError = true })!;
            var said = ip.StandardError.ReadToEnd();
            ip.WaitForExit();
            if (ip.ExitCode != 0)
                throw new InvalidOperationException($"ip {command}: {said}");
        }
    }
}
