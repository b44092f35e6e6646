using System.Diagnostics.Metrics;
using ImSidecar.Server.Telemetry;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>What is in memory of the remote XDMS and how it fares, on the meter of the process.</summary>
internal sealed class RemoteMetrics : IDisposable
{
    internal Meter Meter { get; } = new(Instruments.MeterName);

    public RemoteMetrics(RemoteDocuments documents, RemoteXdms xdms, XdmsHealth health)
    {
        Meter.CreateObservableGauge(
            "imsidecar.xdms.failing", () => health.IsFailing ? 1 : 0, description: "1 while the XDMS does not answer");
        Meter.CreateObservableGauge(
            "imsidecar.xdms.left_alone", () => xdms.IsLeftAlone ? 1 : 0,
            description: "1 while no request is sent to the XDMS");
        Meter.CreateObservableCounter(
            "imsidecar.xdms.requests", () => xdms.Sent, "{request}", "GETs sent to the XDMS, repeated ones too");
        Meter.CreateObservableUpDownCounter(
            "imsidecar.xdms.documents", () => documents.Count().Documents, "{document}", "Documents in memory");
        Meter.CreateObservableUpDownCounter(
            "imsidecar.xdms.documents.stale", () => documents.Count().Stale, "{document}",
            "Documents older than they should be");
        Meter.CreateObservableUpDownCounter(
            "imsidecar.xdms.documents.size", () => documents.Count().Bytes, "By", "Size of those in memory");
    }

    public void Dispose() => Meter.Dispose();
}
