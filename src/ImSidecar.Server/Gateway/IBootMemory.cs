namespace ImSidecar.Server.Gateway;

/// <summary>The boot of Kamailio that the stored conferences have dealt with; outlives the node.</summary>
internal interface IBootMemory
{
    /// <summary>Null before the first one.</summary>
    string? Last { get; }

    ValueTask RememberAsync(string boot, CancellationToken cancellation);
}
