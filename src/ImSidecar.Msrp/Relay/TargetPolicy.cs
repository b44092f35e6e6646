using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Relay;

/// <summary>Where the relay may connect to in the name of its clients.</summary>
internal sealed class TargetPolicy(IOptions<RelayOptions> section)
{
    private readonly Derived<RelayOptions, TargetRule[]> _rules =
        new(section, options => [.. options.AllowedTargets.Select(Rule)]);

    public bool Allows(string host, IPAddress address, int port)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();

        if (IsNoHost(address) || !section.Value.AllowLoopbackTargets && IsLocal(address))
            return false;

        var rules = _rules.Value;
        return rules.Length == 0 || rules.Any(each => each.Allows(host, address, port));
    }

    private static bool IsNoHost(IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.Broadcast)
        || address.IsIPv6Multicast
        || address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is 0 or >= 224;

    private static bool IsLocal(IPAddress address) =>
        IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal
        || address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..];

    private static TargetRule Rule(string text) =>
        TargetRule.TryParse(text, out var rule) ? rule : throw new FormatException(text + " is no target");
}
