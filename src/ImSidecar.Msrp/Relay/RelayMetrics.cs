using System.Diagnostics.Metrics;

namespace ImSidecar.Msrp.Relay;

/// <summary>Counters of the relay, on the one meter of the process.</summary>
internal static class RelayMetrics
{
    private static readonly Meter _meter = new("ImSidecar");

    public static readonly UpDownCounter<int> Connections =
        _meter.CreateUpDownCounter<int>("relay.connections", description: "Open connections of the relay, both ways");

    public static readonly UpDownCounter<int> Sessions =
        _meter.CreateUpDownCounter<int>("relay.sessions", description: "Sessions that AUTH gave");

    public static readonly Counter<long> Forwarded =
        _meter.CreateCounter<long>("relay.frames.forwarded", description: "Requests and responses passed on");

    public static readonly Counter<long> Refused =
        _meter.CreateCounter<long>("relay.frames.refused", description: "Requests answered with an error");

    public static readonly Counter<long> Failed =
        _meter.CreateCounter<long>("relay.sends.failed", description: "SENDs that the next hop did not take");
}
