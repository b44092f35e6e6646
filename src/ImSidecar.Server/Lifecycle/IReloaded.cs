using Microsoft.Extensions.Configuration;

namespace ImSidecar.Server.Lifecycle;

/// <summary>Something that works by keys of <see cref="ReloadableKeys"/>, and takes new values while it runs.</summary>
internal interface IReloaded
{
    /// <summary>What keeps it from taking them, though they are valid; null: nothing.</summary>
    string? Prepare(IConfiguration configuration) => null;

    /// <summary>After all have prepared: cannot fail any more.</summary>
    void Take(IConfiguration configuration);
}
