namespace ImSidecar.Client.Sip;

/// <summary>The timers of RFC 3261 17 and table 4; tests shorten them.</summary>
public sealed record SipTimers
{
    public static SipTimers Default { get; } = new();

    public TimeSpan T1 { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan T2 { get; init; } = TimeSpan.FromSeconds(4);

    public TimeSpan T4 { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an INVITE that has a provisional answer waits for the final one.</summary>
    public TimeSpan Ringing { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Timers B, F, H, J, L, M.</summary>
    public TimeSpan Transaction => 64 * T1;
}
