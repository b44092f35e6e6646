using System.Net;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.Client;

/// <summary>Who a handset is and how it reaches its proxy.</summary>
public sealed record HandsetOptions
{
    public required string User { get; init; }

    public string Password { get; init; } = "demo";

    public string Domain { get; init; } = "example.com";

    public string? DisplayName { get; init; }

    /// <summary>Where initial requests and REGISTER go; within a dialog only its route set counts.</summary>
    public IPEndPoint Proxy { get; init; } = new(IPAddress.Loopback, 5060);

    public SipProtocol Transport { get; init; } = SipProtocol.Udp;

    /// <summary>Port 0 takes any that is free for UDP and TCP.</summary>
    public IPEndPoint Local { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>A forwarder that every datagram goes through; Via and Contact name its address.</summary>
    public IPEndPoint? Through { get; init; }

    public SipTimers Timers { get; init; } = SipTimers.Default;

    /// <summary>Sends 100 to an INVITE at once; false plays a handset that says nothing by itself.</summary>
    public bool SendsTrying { get; init; } = true;

    /// <summary>False plays a handset that cannot give up one dialog for another, RFC 3891.</summary>
    public bool SupportsReplaces { get; init; } = true;

    /// <summary>Tells who asks for it that his page-mode message has come, RFC 5438.</summary>
    public bool SendsDelivered { get; init; } = true;

    /// <summary>True also takes a Replaces whose tags are swapped, as in the example of Appendix M.</summary>
    public bool TakesSwappedTags { get; init; }

    /// <summary>Sees every message as it is sent and received.</summary>
    public Action<WireRecord>? Observer { get; init; }

    /// <summary>True for a message, sent or received, that the network is to lose.</summary>
    public Func<WireRecord, bool>? IsLost { get; init; }

    /// <summary>How long the network is to hold that message up; what comes later may overtake it.</summary>
    public Func<WireRecord, TimeSpan>? Delay { get; init; }

    public string AddressOfRecord => $"sip:{User}@{Domain}";
}
