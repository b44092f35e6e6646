using ImSidecar.Client.Sip;

namespace ImSidecar.Client.Subscriptions;

/// <summary>Why a conference is followed no more; the answer, if it was refused.</summary>
public sealed record WatchEnd(string Reason, SipMessage? Refusal)
{
    internal static WatchEnd Unsubscribed { get; } = new("unsubscribed", null);
}
