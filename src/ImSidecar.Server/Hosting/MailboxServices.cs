using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Hosting;

/// <summary>What every mailbox works with.</summary>
internal sealed record MailboxServices(
    AggregateRouter Router,
    IConferenceStore Store,
    EffectRunner Effects,
    TimerWheel Wheel,
    LinkRegistry Links,
    OperatorPolicy Policy,
    TimeProvider Time,
    ILogger Logger)
{
    /// <summary>Pause after a failed save.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);
}
