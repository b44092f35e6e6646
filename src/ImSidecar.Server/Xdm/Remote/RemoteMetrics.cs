using System.Diagnostics.Metrics;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>What is in memory of the remote XDMS and how it fares, on the meter of the process.</summary>
internal sealed class RemoteMetrics : IDisposable
{
    internal Meter Meter { get; } = new("ImSidecar");

    public RemoteMetrics(RemoteDocuments documents, RemoteXdms xdms, XdmsHealth health)
    {
        Meter.CreateObservableGauge(
            "xdms.failing", () => health.IsFailing ? 1 : 0, description: "1 while the XDMS does not answer");
        Meter.CreateObservableGauge(
            "xdms.left_alone", () => xdms.IsLeftAlone ? 1 : 0, description: "1 while no request is sent to the XDMS");
        Meter.CreateObservableCounter("xdms.requests", () => xdms.Sent, description: "GETs sent to the XDMS");
        Meter.CreateObservableGauge(
            "xdms.documents", () => documents.Count().Documents, description: "Documents in memory");
        Meter.CreateObservableGauge(
            "xdms.documents_stale", () => documents.Count().Stale, description: "Documents older than they should be");
        Meter.CreateObservableGauge("xdms.bytes", () => documents.Count().Bytes, "By", "Size of those in memory");
    }

    public void Dispose() => Meter.Dispose();
}
