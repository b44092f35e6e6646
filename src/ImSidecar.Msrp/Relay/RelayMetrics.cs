using System.Diagnostics.Metrics;

namespace ImSidecar.Msrp.Relay;

/// <summary>Counters of the relay, on the one meter of the process.</summary>
internal static class RelayMetrics
{
    private static readonly Meter _meter = new("ImSidecar");

    public static readonly UpDownCounter<int> Connections =
        _meter.CreateUpDownCounter<int>(
            "imsidecar.relay.connections", "{connection}", "Open connections of the relay, both ways");

    public static readonly UpDownCounter<int> Sessions =
        _meter.CreateUpDownCounter<int>(
            "imsidecar.relay.sessions", "{session}", "Sessions that AUTH gave");

    public static readonly Counter<long> Forwarded =
        _meter.CreateCounter<long>(
            "imsidecar.relay.frames.forwarded", "{frame}", "Requests and responses passed on");

    public static readonly Counter<long> Refused =
        _meter.CreateCounter<long>(
            "imsidecar.relay.frames.refused", "{frame}", "Requests answered with an error");

    public static readonly Counter<long> Failed =
        _meter.CreateCounter<long>(
            "imsidecar.relay.sends.failed", "{request}", "SENDs that the next hop did not take");

    private static readonly Counter<long> _bytes =
        _meter.CreateCounter<long>("imsidecar.relay.io", "By", "Bytes that came from clients, peers and next hops");

    public static void Read(long bytes) => _bytes.Add(bytes, new KeyValuePair<string, object?>("direction", "receive"));
}
