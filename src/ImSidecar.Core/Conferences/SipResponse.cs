using System.Collections.Immutable;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>A response to a request of ours; IsLocal marks one that Kamailio made because none came.</summary>
public sealed record SipResponse(SipStatus Status, SipHeaders Headers, ReadOnlyMemory<byte> Body, bool IsLocal = false)
{
    /// <summary>The tag the answering side gave the dialog.</summary>
    public string? ToTag =>
        Headers.First("To") is { } to && NameAddress.TryParse(to, out var address) ? address.Tag : null;

    /// <summary>Where requests of the dialog go; null if it names no such address.</summary>
    public SipUri? Target =>
        Headers.Values("Contact") is [var contact, ..] && NameAddress.TryParse(contact, out var address)
            && DialogAddress.IsTarget(address.Uri)
            ? address.Uri
            : null;

    /// <summary>
    /// RFC 3261 12.1.2: the calling side takes Record-Route in reverse order. Default if it is too long to be kept.
    /// </summary>
    public ImmutableArray<string> RouteSet =>
        Headers.Values("Record-Route") is var routes && DialogAddress.IsRouteSet(routes)
            ? [.. routes.Reverse()]
            : default;
}
