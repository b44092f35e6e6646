using System.Net;
using System.Net.Sockets;

namespace ImSidecar.Cli.Doctor;

/// <summary>DNS knows our domains, and what peers are told to connect to has an address.</summary>
internal static class NameCheck
{
    private const string Check = "dns";

    private static readonly (string Name, string Prefix, ushort Type)[] _records =
    [
        ("NAPTR", "", DnsQuery.Naptr),
        ("SRV _sip._udp", "_sip._udp.", DnsQuery.Srv),
        ("SRV _sip._tcp", "_sip._tcp.", DnsQuery.Srv),
        ("SRV _sips._tcp", "_sips._tcp.", DnsQuery.Srv),
    ];

    public static async Task<IReadOnlyList<Finding>> RunAsync(Installation it, CancellationToken cancellation)
    {
        var resolver = DnsQuery.Resolver();
        var factory = HostOf(it.Settings["Controlling:ConferenceFactory"]);
        string[] domains = [factory, it.Settings["Controlling:GroupDomain"]];
        List<Finding> found =
        [
            .. await Task.WhenAll(domains.Where(domain => domain.Length > 0 && !IPAddress.TryParse(domain, out _))
                .Select(domain => DomainAsync(domain, resolver, cancellation))),
        ];

        foreach (var key in new[] { "Msrp:AnnounceHost", "Relay:AnnounceHost" })
        {
            if (it.Settings[key] is { Length: > 0 } host && !IPAddress.TryParse(host.Trim('[', ']'), out _))
                found.Add(await HostAsync(key, host, cancellation));
        }

        return found;
    }

    private static async Task<Finding> DomainAsync(string domain, IPEndPoint? resolver, CancellationToken cancellation)
    {
        var addresses = AddressesAsync(domain, cancellation);
        var found = (await Task.WhenAll(_records.Select(async each =>
            (each.Name, Count: await DnsQuery.CountAsync(each.Prefix + domain, each.Type, resolver, cancellation)))))
            .Where(each => each.Count > 0).Select(each => each.Name).ToList();
        if (await addresses is [var first, ..])
            found.Add($"address {first}");
        return found.Count > 0
            ? Finding.Ok(Check, $"{domain}: {string.Join(", ", found)}")
            : Finding.Warn(
                Check, $"{domain} has neither NAPTR, SRV nor address records",
                "well where every handset and peer has Kamailio as its proxy; else make"
                    + $" _sip._tcp.{domain} SRV 0 0 5060 with your Kamailio");
    }

    private static async Task<Finding> HostAsync(string key, string host, CancellationToken cancellation)
    {
        if (await AddressesAsync(host, cancellation) is not [var first, ..] all)
            return Finding.Fail(
                Check, $"{host} ({key}) has no address here: no handset that asks the same DNS can connect for MSRP",
                $"make an A or AAAA record for {host}, or name another host in {key}");

        // Debian names the machine itself so: it says nothing of what others find.
        return all.All(IPAddress.IsLoopback)
            ? Finding.Warn(
                Check, $"{host} ({key}) is {first} on this machine, by its /etc/hosts: handsets ask DNS",
                $"dig +short {host}; or from outside: imsidecarctl doctor --from-outside {host}")
            : Finding.Ok(Check, $"{host} ({key}) is {first}");
    }

    private static async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancellation)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellation);
        }
        catch (SocketException)
        {
            return [];
        }
    }

    private static string HostOf(string uri) =>
        uri[(uri.IndexOf('@', StringComparison.Ordinal) + 1)..].Split(';', ':')[0];
}
