using System.Globalization;
using System.Net;

namespace ImSidecar.Msrp.Relay;

/// <summary>One place we may connect to: a host name or a block of addresses, and a port if one is said.</summary>
internal sealed record TargetRule(string Host, IPNetwork? Network, int? Port)
{
    /// <summary>HOST, ADDRESS or ADDRESS/BITS, and :PORT; an IPv6 address with a port is in brackets.</summary>
    public static bool TryParse(string text, out TargetRule rule)
    {
        rule = new("", null, null);
        var host = text;
        int? port = null;
        var colon = text.LastIndexOf(':');
        var isAddressOnly = text.Count(each => each == ':') > 1 && !text.Contains("]:", StringComparison.Ordinal);
        if (colon >= 0 && !isAddressOnly)
        {
            if (!ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return false;

            (host, port) = (text[..colon], number);
        }

        host = host.Trim('[', ']');
        if (IPNetwork.TryParse(host, out var network))
            rule = new("", network, port);
        else if (IPAddress.TryParse(host, out var address))
            rule = new("", new(address, address.GetAddressBytes().Length * 8), port);
        else if (Uri.CheckHostName(host) == UriHostNameType.Dns)
            rule = new(host, null, port);
        else
            return false;

        return true;
    }

    public bool Allows(string host, IPAddress address, int port) =>
        (Port is null || Port == port)
        && (Network is { } network ? network.Contains(address) : Host.Equals(host, StringComparison.OrdinalIgnoreCase));
}
