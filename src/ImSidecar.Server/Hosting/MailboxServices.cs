using ImSidecar.Admin.V1;
using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;
using ImSidecar.Server.Deferred;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Stores;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Hosting;

/// <summary>What every mailbox works with.</summary>
internal sealed record MailboxServices(
    AggregateRouter Router,
    IAggregateStore Store,
    StoreHealth StoreHealth,
    AggregateKinds Kinds,
    EffectRunner Effects,
    DeferredEffects Deferred,
    TimerWheel Wheel,
    LinkRegistry Links,
    Live<OperatorPolicy> Source,
    MediaIdentity Identity,
    Onlookers<TraceItem> Traces,
    TimeProvider Time,
    ILogger Logger)
{
    /// <summary>As it is now.</summary>
    public OperatorPolicy Policy => Source.Value;

    public MailboxRunner Runner { get; } = new();

    public EntropySource Entropy { get; } = new();

    public ReinvitesInFlight Reinvites { get; } = new(Time);

    /// <summary>Pause after a failed save; it doubles while the same aggregate fails.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);
}
