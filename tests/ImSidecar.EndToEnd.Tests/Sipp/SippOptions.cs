using ImSidecar.Client.Sip.Transport;

namespace ImSidecar.EndToEnd.Tests.Sipp;

/// <summary>Who SIPp is and what its scenario is told.</summary>
internal sealed record SippOptions
{
    public required string User { get; init; }

    /// <summary>Where it sends to.</summary>
    public string Target { get; init; } = "127.0.0.1:5060";

    public SipProtocol Transport { get; init; } = SipProtocol.Udp;

    /// <summary>The URI in the digest, without its scheme; SIPp knows one for the whole scenario.</summary>
    public string DigestUri { get; init; } = "conf-factory@im.example.com";

    /// <summary>Where its description says that MSRP listens.</summary>
    public int MsrpPort { get; init; } = 9;

    /// <summary>False: SIPp repeats nothing by itself and takes an equal copy for a new message.</summary>
    public bool Retransmits { get; init; } = true;

    public IReadOnlyList<(string Name, string Value)> Keys { get; init; } = [];

    public string AddressOfRecord => $"sip:{User}@example.com";
}
