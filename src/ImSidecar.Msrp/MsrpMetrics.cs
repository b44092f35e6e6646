using System.Diagnostics.Metrics;

namespace ImSidecar.Msrp;

/// <summary>Counters of the switch, on the one meter of the process.</summary>
internal static class MsrpMetrics
{
    private static readonly Meter _meter = new("ImSidecar");

    public static readonly UpDownCounter<int> Connections =
        _meter.CreateUpDownCounter<int>("msrp.connections", description: "Open connections");

    public static readonly Counter<long> Received =
        _meter.CreateCounter<long>("msrp.messages.received", description: "Whole messages from legs");

    public static readonly Counter<long> Rejected =
        _meter.CreateCounter<long>("msrp.messages.rejected", description: "Messages answered with an error");

    public static readonly Counter<long> GivenUp =
        _meter.CreateCounter<long>("msrp.deliveries.given_up", description: "Messages one recipient did not get whole");
}
