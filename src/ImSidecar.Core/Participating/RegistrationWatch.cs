using ImSidecar.Core.Notifications;

namespace ImSidecar.Core.Participating;

/// <summary>Our own subscription to the registrations of a user, RFC 3680.</summary>
public sealed record RegistrationWatch
{
    /// <summary>Null: not subscribed, and no SUBSCRIBE under way.</summary>
    public WatchDialog? Dialog { get; init; }

    /// <summary>While not subscribed: when to ask again.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Since the last success.</summary>
    public int Failures { get; init; }

    /// <summary>What the registrar takes at least, when it has said so.</summary>
    public TimeSpan? MinDuration { get; init; }

    /// <summary>The document that was told last; null: what is told is not all, or nothing has been told yet.</summary>
    public long? Version { get; init; }

    internal SubscriberState Subscriber => new(Dialog, RetryAt, Failures, MinDuration, IsWanted: true);

    /// <summary>In another dialog everything is told anew.</summary>
    internal RegistrationWatch With(SubscriberState next) => this with
    {
        Dialog = next.Dialog,
        RetryAt = next.RetryAt,
        Failures = next.Failures,
        MinDuration = next.MinDuration,
        Version = next.Dialog is null ? null : Version,
    };
}
