using System.Diagnostics.Metrics;
using ImSidecar.Server.Telemetry;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace ImSidecar.Server.Cluster;

/// <summary>What is counted as slots move and nodes die; what is looked at when asked for: <see cref="ClusterMetrics"/>.</summary>
internal static class ClusterInstruments
{
    private static readonly Meter _meter = new(Instruments.MeterName);

    private static readonly Counter<long> _takenUp = _meter.CreateCounter<long>(
        "imsidecar.cluster.slots.taken", "{slot}", "Slots that became this node's");

    private static readonly Counter<long> _givenUp = _meter.CreateCounter<long>(
        "imsidecar.cluster.slots.given", "{slot}", "Slots that this node handed to others");

    private static readonly Counter<long> _deaths = _meter.CreateCounter<long>(
        "imsidecar.cluster.deaths", "{node}", "Other nodes that this one declared dead");

    private static readonly Counter<long> _fencings = _meter.CreateCounter<long>(
        "imsidecar.cluster.fencings", "{fencing}",
        "How often this node stopped serving and forgot what it held, by reason");

    /// <summary>Makes them known; what an alert waits for begins at 0, or the first one would be no change.</summary>
    public static void Begin()
    {
        _takenUp.Add(0);
        _givenUp.Add(0);
        _deaths.Add(0);
        foreach (var reason in Labels.Fencings)
            _fencings.Add(0, new Tag("reason", reason));
    }

    public static void TakenUp(int slots) => _takenUp.Add(slots);

    public static void GivenUp(int slots) => _givenUp.Add(slots);

    public static void Died() => _deaths.Add(1);

    /// <summary>Reason is one of <see cref="Labels.Fencings"/>.</summary>
    public static void Fenced(string reason) => _fencings.Add(1, new Tag("reason", reason));
}
