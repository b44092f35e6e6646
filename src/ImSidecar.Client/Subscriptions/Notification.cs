using ImSidecar.Client.Sip;

namespace ImSidecar.Client.Subscriptions;

/// <summary>A NOTIFY as it came in, RFC 6665 4.1.3.</summary>
public sealed record Notification(SipMessage Request)
{
    /// <summary>active, pending or terminated.</summary>
    public string State => (Request["Subscription-State"] ?? "").Split(';')[0].Trim().ToLowerInvariant();

    public bool IsTerminated => State == "terminated";

    public string? Reason => SipMessage.Parameter(Request["Subscription-State"] ?? "", "reason");

    public int? Expires =>
        int.TryParse(SipMessage.Parameter(Request["Subscription-State"] ?? "", "expires"), out var seconds)
            ? seconds
            : null;
}
