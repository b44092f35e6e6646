namespace ImSidecar.Core.Conferences;

/// <summary>What is decided on, saved and resumed as one: an immutable value that only its own rules replace.</summary>
public abstract record Aggregate
{
    public required AggregateId Id { get; init; }

    /// <summary>Counts decisions that changed it.</summary>
    public long Revision { get; init; }
}
