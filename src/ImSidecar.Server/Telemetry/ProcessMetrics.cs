using System.Diagnostics;
using System.Diagnostics.Metrics;
using ImSidecar.Msrp;
using ImSidecar.Server.Gateway;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace ImSidecar.Server.Telemetry;

/// <summary>What sidecar and MSRP plane both tell of themselves.</summary>
internal sealed class ProcessMetrics : IDisposable
{
    private readonly Meter _meter = new(Instruments.MeterName);

    public ProcessMetrics(IMsrpIdentity identity, GatewayTls? gateway = null)
    {
        var start = new DateTimeOffset(Process.GetCurrentProcess().StartTime).ToUnixTimeMilliseconds() / 1000.0;
        _meter.CreateObservableGauge("imsidecar.start.time", () => start, "s", "When the process started, Unix time");
        _meter.CreateObservableGauge(
            "imsidecar.build.info", () => new Measurement<int>(1, new Tag("version", ProductVersion.Text)),
            description: "1, with the version");
        _meter.CreateObservableGauge(
            "imsidecar.certificate.expiry", () => Expiry(identity.CertificateEnds, gateway?.CertificateEnds), "s",
            "When the certificate of MsrpTls (msrp) or Gateway (gateway) ends, Unix time; absent: there is none");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<double>> Expiry(DateTimeOffset? msrp, DateTimeOffset? gateway)
    {
        if (msrp is { } ofMsrp)
            yield return new(ofMsrp.ToUnixTimeSeconds(), new Tag("certificate", "msrp"));
        if (gateway is { } ofGateway)
            yield return new(ofGateway.ToUnixTimeSeconds(), new Tag("certificate", "gateway"));
    }
}
