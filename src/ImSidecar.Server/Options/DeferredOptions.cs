using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Options;

/// <summary>
/// Section "Deferred": what is kept for users who are away, and how it comes to them; for the rules
/// <see cref="DeferredPolicy"/>.
/// </summary>
internal sealed record DeferredOptions
{
    public const string Section = "Deferred";

    /// <summary>False: nobody's messages are kept; what is stored already waits.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The deferred-messaging URI; empty: sip:deferred at the host of the conference factory.</summary>
    public string Uri { get; init; } = "";

    /// <summary>Push, Notify or Off, for users who have said nothing.</summary>
    public DeferredDelivery Delivery { get; init; } = DeferredDelivery.Push;

    public PushTo PushTo { get; init; } = PushTo.User;

    public DeferredEncapsulation Encapsulation { get; init; } = DeferredEncapsulation.Auto;

    public IReadOnlyList<string> Barred { get; init; } = [];

    public bool GroupSessions { get; init; }

    public int MaxMessageBytes { get; init; } = 1024 * 1024;

    public int MaxMessagesPerUser { get; init; } = 1000;

    public long MaxBytesPerUser { get; init; } = 32L * 1024 * 1024;

    public long MaxMessages { get; init; } = 2_000_000;

    public long MaxBytes { get; init; } = 16L * 1024 * 1024 * 1024;

    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(30);

    public bool ReportDelivery { get; init; } = true;

    public int Window { get; init; } = 1;

    public int PushAttempts { get; init; } = 5;

    public TimeSpan PushRetryInterval { get; init; } = TimeSpan.FromSeconds(30);

    public int MaxSessions { get; init; } = 20_000;

    public int MaxSessionsPerSender { get; init; } = 50;

    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    public DeferredPolicy ToPolicy(SipUri factory, bool servesUsers) => new()
    {
        IsOn = Enabled && servesUsers,
        Uri = Uri.Length == 0 ? SipUri.Of("sip", "deferred", factory.Host) : Read(Uri),
        Delivery = Delivery,
        PushTo = PushTo,
        Encapsulation = Encapsulation,
        Barred = [.. Barred.Select(user => Read(user).PersonKey)],
        GroupSessions = GroupSessions,
        MaxMessageBytes = MaxMessageBytes,
        Quota = new(MaxMessagesPerUser, MaxBytesPerUser, MaxMessages, MaxBytes),
        KeepFor = KeepFor,
        ReportsDelivery = ReportDelivery,
        PushAttempts = PushAttempts,
        PushRetryInterval = PushRetryInterval,
        MaxSessions = MaxSessions,
        MaxSessionsPerSender = MaxSessionsPerSender,
        IdleTimeout = IdleTimeout,
    };

    private static SipUri Read(string text) =>
        SipUri.TryParse(text, out var uri) ? uri : throw new FormatException("Not a SIP URI: " + text);
}
