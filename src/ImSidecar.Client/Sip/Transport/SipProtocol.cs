namespace ImSidecar.Client.Sip.Transport;

/// <summary>The transport protocols of RFC 3261 18 and RFC 7118 that we speak.</summary>
public enum SipProtocol
{
    Udp,
    Tcp,
    Ws,
}
