using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>A response to a request of ours; IsLocal marks one that Kamailio made because none came.</summary>
public sealed record SipResponse(SipStatus Status, SipHeaders Headers, ReadOnlyMemory<byte> Body, bool IsLocal = false)
{
    /// <summary>The tag the answering side gave the dialog.</summary>
    public string? ToTag =>
        Headers.First("To") is { } to && NameAddress.TryParse(to, out var address) ? address.Tag : null;
}
