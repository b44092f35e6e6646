using System.Net;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Client.Sip;

/// <summary>From a SIP URI to address, port and transport, RFC 3263 without NAPTR and SRV.</summary>
internal static class NextHop
{
    /// <summary>Throws with the reason when the URI leads nowhere.</summary>
    public static async ValueTask<SipFlow> ResolveAsync(
        string text, SipProtocol fallback, CancellationToken cancellation)
    {
        if (!SipUri.TryParse(text, out var uri) || uri.Scheme != "sip")
            throw new InvalidOperationException($"{text} is not a sip URI that we can send to");

        var protocol = uri.Parameter("transport")?.ToLowerInvariant() switch
        {
            "tcp" => SipProtocol.Tcp,
            "udp" => SipProtocol.Udp,
            "ws" => SipProtocol.Ws,
            null => fallback,
            var other => throw new InvalidOperationException($"transport {other} of {text} is not spoken here"),
        };
        var host = uri.Parameter("maddr") ?? uri.Host;
        if (!IPAddress.TryParse(host.Trim('[', ']'), out var address))
            address = (await Dns.GetHostAddressesAsync(host, cancellation)).FirstOrDefault()
                ?? throw new InvalidOperationException($"{host} has no address");

        return new(protocol, new IPEndPoint(address, uri.Port ?? 5060));
    }
}
