namespace ImSidecar.Server.Gateway;

/// <summary>The boot that each Kamailio had when it attached last; outlives the node.</summary>
internal interface IBootMemory
{
    /// <summary>
    /// Null: none is known, or the store cannot be read. Of the instance "": what an earlier release, which knew one
    /// Kamailio only, has stored.
    /// </summary>
    string? LastOf(string instance);

    ValueTask RememberAsync(string instance, string boot, CancellationToken cancellation);
}
