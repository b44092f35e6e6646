using System.Collections.Immutable;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Conferences;

/// <summary>What is kept for users who are away, for how long, and how it comes to them; IM 11.</summary>
public sealed record DeferredPolicy
{
    public static readonly DeferredPolicy Off = new();

    /// <summary>False: nothing is kept.</summary>
    public bool IsOn { get; init; }

    /// <summary>The deferred-messaging URI: who calls it gets what waits for him; it is who pushes, too.</summary>
    public SipUri? Uri { get; init; }

    /// <summary>For users who have not said how they want it.</summary>
    public DeferredDelivery Delivery { get; init; } = DeferredDelivery.Push;

    public PushTo PushTo { get; init; }

    public DeferredEncapsulation Encapsulation { get; init; }

    /// <summary>Person keys of users for whom and from whom nothing is kept.</summary>
    public ImmutableHashSet<string> Barred { get; init; } = [];

    /// <summary>We answer a conference too that invites a user who is away, and keep what is said there.</summary>
    public bool GroupSessions { get; init; }

    /// <summary>The largest message that is kept, headers and all.</summary>
    public int MaxMessageBytes { get; init; } = 1024 * 1024;

    public DeferralQuota Quota { get; init; } = DeferralQuota.None;

    /// <summary>For how long at most; its sender may have it shorter.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>We tell senders who asked for it that a message was delivered; false: only its recipient does.</summary>
    public bool ReportsDelivery { get; init; } = true;

    /// <summary>How often a push is tried after a user has registered; then every half hour while he is.</summary>
    public int PushAttempts { get; init; } = 5;

    /// <summary>How long to wait before the second time; twice as long before each further one.</summary>
    public TimeSpan PushRetryInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The most sessions in which messages are left or fetched at a time.</summary>
    public int MaxSessions { get; init; } = 20_000;

    /// <summary>Those of one caller, unless that is a conference.</summary>
    public int MaxSessionsPerSender { get; init; } = 50;

    /// <summary>How long a session stays in which nothing is said.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>How a user wants what was kept for him.</summary>
public enum DeferredDelivery
{
    /// <summary>At once when he can be reached.</summary>
    Push,

    /// <summary>He is told that something waits, and gets it when he asks.</summary>
    Notify,

    /// <summary>Nothing is kept for him.</summary>
    Off,
}

/// <summary>Which of several devices of a user gets what was kept.</summary>
public enum PushTo
{
    /// <summary>All of them ring; who answers first gets it.</summary>
    User,

    /// <summary>The one that has registered last.</summary>
    Newest,
}
