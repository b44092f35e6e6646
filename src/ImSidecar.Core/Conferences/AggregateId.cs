namespace ImSidecar.Core.Conferences;

/// <summary>
/// Names a conference; it is the user part of its session identity, so any in-dialog request finds it.
/// </summary>
public readonly record struct AggregateId(string Value)
{
    public override string ToString() => Value;
}
