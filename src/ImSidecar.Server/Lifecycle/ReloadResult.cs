using System.Collections.Immutable;

namespace ImSidecar.Server.Lifecycle;

/// <summary>What came of a reload.</summary>
/// <param name="Applied">Keys whose new values hold.</param>
/// <param name="Refused">Keys that have changed, but need a restart; their old values hold.</param>
/// <param name="Errors">Why nothing was taken over: what is wrong with the configuration, with keys and places.</param>
internal sealed record ReloadResult(
    ImmutableArray<string> Applied, ImmutableArray<string> Refused, ImmutableArray<string> Errors);
