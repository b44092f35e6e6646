using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Conferences;

/// <summary>Where and as whom we subscribe to the documents of a remote XDMS, RFC 5875.</summary>
/// <param name="Notifier">The address that the XDMS takes subscriptions at.</param>
/// <param name="Identity">Who we are to it.</param>
public sealed record WatchFacts(SipUri Notifier, SipUri Identity)
{
    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What the XDMS calls the folder of its global tree where groups are looked up.</summary>
    public string GroupFolder { get; init; } = ApplicationUsage.ByGroup;
}
