namespace ImSidecar.Client.Subscriptions;

/// <summary>Whether a subscription that was ended for us is made anew, and when; RFC 6665 4.1.3.</summary>
internal static class Resubscription
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    /// <summary>How long to wait after the last NOTIFY; null: it is not wanted of us again.</summary>
    public static TimeSpan? After(Notification last)
    {
        var told = last.RetryAfter is { } seconds ? Bounded(TimeSpan.FromSeconds(seconds)) : (TimeSpan?)null;
        return last.Reason?.ToLowerInvariant() switch
        {
            "timeout" or "deactivated" => TimeSpan.Zero,
            "rejected" or "noresource" or "invariant" => null,
            // probation, giveup, none, and what is not known.
            _ => told ?? _pause,
        };
    }

    /// <summary>Longer each time, when subscriptions do not last.</summary>
    public static TimeSpan Pause(int failures) =>
        failures == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(60, 1 << Math.Min(failures, 6)));

    /// <summary>Before it ends, with time to try again: of an hour a minute, of ten seconds two.</summary>
    public static TimeSpan RefreshAfter(int expires) =>
        TimeSpan.FromSeconds(Math.Max(0.5, expires - Math.Min(60, expires * 0.2)));

    private static TimeSpan Bounded(TimeSpan asked) => asked < _longest ? asked : _longest;
}
