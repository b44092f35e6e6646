namespace ImSidecar.Core.Notifications;

/// <summary>Where a subscription of ours stands, whatever it is about; RFC 6665 4.1.</summary>
/// <param name="Dialog">Null: not subscribed, and no SUBSCRIBE under way.</param>
/// <param name="RetryAt">When to ask again.</param>
/// <param name="Failures">Since the last success.</param>
/// <param name="MinDuration">What the notifier takes at least, when it has said so.</param>
/// <param name="IsWanted">False: once it is over it is not begun again.</param>
internal sealed record SubscriberState(
    WatchDialog? Dialog, DateTimeOffset? RetryAt, int Failures, TimeSpan? MinDuration, bool IsWanted);
