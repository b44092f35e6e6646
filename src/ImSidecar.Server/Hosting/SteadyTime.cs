using System.Diagnostics;

namespace ImSidecar.Server.Hosting;

/// <summary>
/// The time of day as it was at the start, and from then on only what has really passed: when somebody sets the clock,
/// no deadline of ours comes all at once or never.
/// </summary>
internal sealed class SteadyTime : TimeProvider
{
    private readonly DateTimeOffset _start = DateTimeOffset.UtcNow;
    private readonly long _began = Stopwatch.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _start + Stopwatch.GetElapsedTime(_began);
}
