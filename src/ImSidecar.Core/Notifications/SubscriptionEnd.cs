namespace ImSidecar.Core.Notifications;

/// <summary>Reasons of a terminated Subscription-State, RFC 6665 4.1.3.</summary>
internal static class SubscriptionEnd
{
    public const string Timeout = "timeout";
    public const string NoResource = "noresource";
}
