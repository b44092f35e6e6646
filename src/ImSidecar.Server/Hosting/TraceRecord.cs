using ImSidecar.Core.Conferences;
using ImSidecar.Msrp;

namespace ImSidecar.Server.Hosting;

/// <summary>Something that who traces a conference is told, as text. A closed set.</summary>
internal abstract record TraceRecord(DateTimeOffset At);

/// <summary>What happened, and what the rules made of it.</summary>
internal sealed record DecisionTraced(DateTimeOffset At, AggregateEvent Event, Aggregate? Before, Aggregate? After)
    : TraceRecord(At);

/// <summary>What is done because of it; with no Kamailio attached, SIP waits for one.</summary>
internal sealed record EffectTraced(DateTimeOffset At, Effect Effect, bool HasLink) : TraceRecord(At);

/// <summary>What happened to an MSRP leg, whether the rules want to hear it or not.</summary>
internal sealed record LegTraced(DateTimeOffset At, MsrpLegEvent Event) : TraceRecord(At);
