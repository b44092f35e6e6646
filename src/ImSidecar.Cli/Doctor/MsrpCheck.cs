using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace ImSidecar.Cli.Doctor;

/// <summary>What peers are told to connect to for MSRP answers, from where this runs.</summary>
internal static class MsrpCheck
{
    private const string Check = "msrp";
    private const int DefaultPort = 2855;

    private static readonly (string Listen, string Host, string Port, bool Tls)[] _doors =
    [
        ("Msrp:Listen", "Msrp:AnnounceHost", "Msrp:AnnouncePort", false),
        ("Msrp:TlsListen", "Msrp:AnnounceHost", "Msrp:AnnounceTlsPort", true),
        ("Relay:Listen", "Relay:AnnounceHost", "Relay:AnnouncePort", false),
        ("Relay:TlsListen", "Relay:AnnounceHost", "Relay:AnnounceTlsPort", true),
    ];

    public static async Task<IReadOnlyList<Finding>> RunAsync(Installation it, CancellationToken cancellation)
    {
        List<Finding> found = [];
        foreach (var door in _doors)
        {
            if (!IPEndPoint.TryParse(it.Settings[door.Listen], out var listen))
                continue;

            var host = it.Settings[door.Host] is { Length: > 0 } announced ? announced : HostOf(listen);
            var port = TryPort(it.Settings[door.Port], out var said) ? said : listen.Port;
            found.Add(await AskAsync(host, port, door.Tls, door.Listen, cancellation));
            if (IsOnlyHere(host) && !found.Exists(each => each.Level == Level.Warn))
                found.Add(Finding.Warn(
                    Check, $"Peers are told to connect to {host} ({door.Host}), which leads only to this machine",
                    $"{door.Listen} to an address of this machine, and {door.Host} to what handsets reach it by"));
        }

        if (found.Exists(each => each.Level == Level.Ok))
            found.Add(Finding.Ok(
                Check, "That was tried from this machine; elsewhere run: imsidecarctl doctor --from-outside HOST"));
        return found;
    }

    /// <summary>From another machine: the one check that needs it.</summary>
    public static async Task<Finding> FromOutsideAsync(string target, bool tls, CancellationToken cancellation)
    {
        var colon = target.LastIndexOf(':');
        var hasPort = colon > target.LastIndexOf(']') && target.IndexOf(':', StringComparison.Ordinal) == colon
            || (colon > 0 && target[colon - 1] == ']');
        if (!hasPort)
            return await AskAsync(target, DefaultPort, tls, "", cancellation);

        return TryPort(target.AsSpan(colon + 1), out var port)
            ? await AskAsync(target[..colon], port, tls, "", cancellation)
            : Finding.Fail(Check, $"{target} is not HOST:PORT", "name it as im.example.com:2855");
    }

    private static async Task<Finding> AskAsync(
        string host, int port, bool tls, string key, CancellationToken cancellation)
    {
        var where = $"{(tls ? "msrps" : "msrp")}://{host}:{port}{(key.Length > 0 ? $" ({key})" : "")}";
        var (status, isConnected, problem) = await MsrpKnock.AskAsync(host, port, tls, cancellation);
        if (status is not null)
            return Finding.Ok(Check, $"{where} answers MSRP ({status})");

        // Not every NAT leads from within to its own outside.
        return key.Length > 0 && !isConnected && await IsElsewhereAsync(host, cancellation)
            ? Finding.Warn(
                Check, $"{where} {problem}, from this machine, which has no such address itself",
                $"on a machine outside: imsidecarctl doctor --from-outside {host}:{port}{(tls ? " --tls" : "")}")
            : Finding.Fail(
                Check, $"{where} {problem}",
                "look at firewall, NAT and port forwarding on the way, and at Msrp:AnnounceHost and its port");
    }

    private static async Task<bool> IsElsewhereAsync(string host, CancellationToken cancellation)
    {
        try
        {
            var own = NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(each => each.GetIPProperties().UnicastAddresses).Select(each => each.Address).ToHashSet();
            var addresses = await Dns.GetHostAddressesAsync(host.Trim('[', ']'), cancellation);
            return addresses.Length > 0
                && !Array.Exists(addresses, each => own.Contains(each) || IPAddress.IsLoopback(each)
                    || each.Equals(IPAddress.Any) || each.Equals(IPAddress.IPv6Any));
        }
        catch (Exception unknown) when (unknown is SocketException or NetworkInformationException)
        {
            return false;
        }
    }

    private static bool TryPort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and < 65536;

    private static bool IsOnlyHere(string host) =>
        IPAddress.TryParse(host.Trim('[', ']'), out var address)
        && (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    private static string HostOf(IPEndPoint endPoint) =>
        endPoint.Address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"[{endPoint.Address}]" : endPoint.Address.ToString();
}
