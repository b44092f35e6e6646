namespace ImSidecar.Client.Demo;

/// <summary>One step of the scene: who plays, when it was over, and why it failed if it did.</summary>
internal sealed record DemoStep(string Title, string[] Players, DateTimeOffset Ended, string? Failure)
{
    /// <summary>What the handsets told that the wire does not show.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    public bool IsOk => Failure is null;
}
