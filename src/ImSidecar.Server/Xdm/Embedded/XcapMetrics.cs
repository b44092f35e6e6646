using System.Diagnostics.Metrics;
using ImSidecar.Server.Telemetry;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>What the XCAP server has answered and what it keeps in memory, on the meter of the process.</summary>
internal sealed class XcapMetrics : IDisposable
{
    private readonly Counter<long> _answers;

    public XcapMetrics(EmbeddedDocuments documents)
    {
        _answers = Meter.CreateCounter<long>(
            "imsidecar.xcap.responses", "{response}", "XCAP requests answered, by status");
        Meter.CreateObservableUpDownCounter(
            "imsidecar.xcap.documents.size", () => documents.CachedBytes, "By", "Size of documents in memory");
    }

    internal Meter Meter { get; } = new(Instruments.MeterName);

    public void Answered(int status) => _answers.Add(1, new KeyValuePair<string, object?>("status", status));

    public void Dispose() => Meter.Dispose();
}
