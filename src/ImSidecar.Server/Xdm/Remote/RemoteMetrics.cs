using System.Diagnostics.Metrics;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>What is in memory of the remote XDMS and how it fares, on the meter of the process.</summary>
internal sealed class RemoteMetrics : IDisposable
{
    private readonly Meter _meter = new("ImSidecar");

    public RemoteMetrics(RemoteDocuments documents, RemoteXdms xdms, XdmsHealth health)
    {
        _meter.CreateObservableGauge(
            "xdms.failing", () => health.IsFailing ? 1 : 0, description: "1 while the XDMS does not answer");
        _meter.CreateObservableGauge(
            "xdms.left_alone", () => xdms.IsLeftAlone ? 1 : 0, description: "1 while no request is sent to the XDMS");
        _meter.CreateObservableCounter("xdms.requests", () => xdms.Sent, description: "GETs sent to the XDMS");
        _meter.CreateObservableGauge(
            "xdms.documents", () => documents.Count().Documents, description: "Documents in memory");
        _meter.CreateObservableGauge(
            "xdms.documents_stale", () => documents.Count().Stale, description: "Documents older than they should be");
        _meter.CreateObservableGauge("xdms.bytes", () => documents.Count().Bytes, "By", "Size of those in memory");
    }

    public void Dispose() => _meter.Dispose();
}
