using System.Diagnostics.Metrics;

namespace ImSidecar.Msrp;

/// <summary>Counters of the switch, on the one meter of the process.</summary>
internal static class MsrpMetrics
{
    private static readonly Meter _meter = new("ImSidecar");

    public static readonly UpDownCounter<int> Connections =
        _meter.CreateUpDownCounter<int>("imsidecar.msrp.connections", "{connection}", "Open connections");

    public static readonly UpDownCounter<int> Legs =
        _meter.CreateUpDownCounter<int>("imsidecar.msrp.legs", "{leg}", "Sessions of the switch, connected or not");

    public static readonly Counter<long> Received =
        _meter.CreateCounter<long>(
            "imsidecar.msrp.messages.received", "{message}", "Whole messages from legs");

    public static readonly Counter<long> Rejected =
        _meter.CreateCounter<long>(
            "imsidecar.msrp.messages.rejected", "{message}", "Messages answered with an error");

    public static readonly Counter<long> GivenUp =
        _meter.CreateCounter<long>(
            "imsidecar.msrp.deliveries.missed", "{message}", "Messages one recipient did not get whole");

    private static readonly Counter<long> _bytes =
        _meter.CreateCounter<long>("imsidecar.msrp.io", "By", "Bytes of the switch by direction");

    public static void Read(long bytes) => _bytes.Add(bytes, new KeyValuePair<string, object?>("direction", "receive"));

    public static void Wrote(long bytes) =>
        _bytes.Add(bytes, new KeyValuePair<string, object?>("direction", "transmit"));
}
