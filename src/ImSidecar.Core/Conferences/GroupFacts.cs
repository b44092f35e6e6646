using ImSidecar.Core.Rules;

namespace ImSidecar.Core.Conferences;

/// <summary>
/// What the XDMS says of the group that a request or a conference is about: its document, that there is none, or
/// that it cannot be said. Only a document opens doors.
/// </summary>
public sealed record GroupFacts
{
    /// <summary>There is no such group.</summary>
    public static readonly GroupFacts None = new();

    private GroupFacts()
    {
    }

    /// <summary>Null when there is none, or none that can be used.</summary>
    public ResolvedGroup? Group { get; private init; }

    /// <summary>Why the group cannot be used though there is one, or may be one: for a Warning.</summary>
    public string? Problem { get; private init; }

    /// <summary>The XDMS has said that there is no such group, or no more.</summary>
    public bool IsNone => Group is null && Problem is null;

    public static GroupFacts Of(ResolvedGroup group) => new() { Group = group };

    public static GroupFacts Unusable(string problem) => new() { Problem = problem };
}
