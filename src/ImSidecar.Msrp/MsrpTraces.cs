using System.Diagnostics;
using ImSidecar.Msrp.Switch;

namespace ImSidecar.Msrp;

/// <summary>What a leg adds to the trace of the request that opened it; nothing while nobody samples that.</summary>
internal static class MsrpTraces
{
    private static readonly ActivitySource _source = new("ImSidecar");

    /// <summary>It has its connection, for which it waited since it was opened.</summary>
    public static void Connected(SwitchLeg leg, TimeSpan waited) => Tell(leg, "msrp.connected", waited);

    public static void FirstMessage(SwitchLeg leg) => Tell(leg, "msrp.first_message", TimeSpan.Zero);

    private static void Tell(SwitchLeg leg, string name, TimeSpan took)
    {
        if (leg.Leg.Trace == default || !_source.HasListeners())
            return;

        var current = Activity.Current;
        _source.StartActivity(name, ActivityKind.Internal, leg.Leg.Trace, startTime: DateTime.UtcNow - took)?.Stop();
        Activity.Current = current;
    }
}
