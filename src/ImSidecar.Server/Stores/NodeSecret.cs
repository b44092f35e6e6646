namespace ImSidecar.Server.Stores;

/// <summary>32 random bytes made with the store: what is derived from them is the same after a restart, and unguessable.</summary>
internal sealed class NodeSecret(ReadOnlyMemory<byte> value)
{
    public const int Length = 32;

    public ReadOnlyMemory<byte> Value { get; } = value.Length == Length
        ? value
        : throw new ArgumentException($"The node secret has {value.Length} bytes instead of {Length}", nameof(value));
}
