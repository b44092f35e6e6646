namespace ImSidecar.Client.Subscriptions;

/// <summary>How to subscribe, and what to do wrong or differently on purpose.</summary>
public sealed record SubscribeOptions
{
    /// <summary>Expires; null leaves it out, 0 fetches once.</summary>
    public int? Seconds { get; init; } = 3600;

    public string Event { get; init; } = "conference";

    public string? Accept { get; init; } = "application/conference-info+xml";

    /// <summary>Take the place of headers of ours with the same name; a null value removes it.</summary>
    public IReadOnlyList<(string Name, string? Value)> Headers { get; init; } = [];

    /// <summary>The status for a NOTIFY instead of 200; 0 leaves it without an answer.</summary>
    public Func<Notification, int>? Answer { get; init; }
}
