namespace ImSidecar.Core.Notifications;

/// <summary>Reasons of a terminated Subscription-State, RFC 6665 4.1.3.</summary>
internal static class SubscriptionEnd
{
    public const string Timeout = "timeout";
    public const string NoResource = "noresource";

    /// <summary>The state has become too large for the watcher's transport; it may be smaller in an hour.</summary>
    public const string TooLarge = "probation;retry-after=3600";
}
