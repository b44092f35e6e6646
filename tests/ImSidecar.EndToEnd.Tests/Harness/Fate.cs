namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>What the forwarder does with a datagram: after how long each of its copies leaves.</summary>
public sealed record Fate(params TimeSpan[] Leaves)
{
    public static Fate Pass { get; } = new(TimeSpan.Zero);

    public static Fate Lose { get; } = new();

    public static Fate After(double seconds) => new(TimeSpan.FromSeconds(seconds));

    /// <summary>Now, and once more later.</summary>
    public static Fate Again(double seconds) => new(TimeSpan.Zero, TimeSpan.FromSeconds(seconds));
}
