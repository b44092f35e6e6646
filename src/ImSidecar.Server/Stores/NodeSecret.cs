namespace ImSidecar.Server.Stores;

/// <summary>32 random bytes made once with the store: ids derived from them are unguessable and stay.</summary>
internal sealed class NodeSecret(ReadOnlyMemory<byte> value)
{
    public const int Length = 32;

    public ReadOnlyMemory<byte> Value { get; } = value.Length == Length
        ? value
        : throw new ArgumentException($"The node secret has {value.Length} bytes instead of {Length}", nameof(value));
}
