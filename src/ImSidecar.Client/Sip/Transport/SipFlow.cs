using System.Net;

namespace ImSidecar.Client.Sip.Transport;

/// <summary>Where a message goes or came from; a connection is set when it came over one, RFC 3261 18.</summary>
public sealed record SipFlow(SipProtocol Protocol, IPEndPoint Remote)
{
    internal SipConnection? Connection { get; init; }

    public bool IsReliable => Protocol != SipProtocol.Udp;

    public override string ToString() => $"{Protocol.ToString().ToLowerInvariant()}:{Remote}";
}
