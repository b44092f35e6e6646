using System.Diagnostics.Metrics;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Stores.Sqlite;

namespace ImSidecar.Server.Telemetry;

/// <summary>What is in work and what was refused, on the meter of the process.</summary>
internal sealed class ServerMetrics : IDisposable
{
    private readonly Meter _meter = new("ImSidecar");

    public ServerMetrics(
        Admission admission, StoreHealth health, SqliteConferenceStore store, DeferredMessageStore deferred,
        AggregateRouter router)
    {
        _meter.CreateObservableGauge("conferences", () => router.Count, description: "Sessions there are");
        _meter.CreateObservableGauge(
            "requests.in_work", () => admission.RequestsInWork, description: "Requests that are not yet saved");
        _meter.CreateObservableGauge(
            "events.in_work", () => admission.EventsInWork, description: "Events of Kamailio that are not yet saved");
        _meter.CreateObservableCounter(
            "requests.refused", () => admission.Refused, description: "Requests answered 503 on arrival");
        _meter.CreateObservableGauge("store.saves_waiting", () => store.SavesWaiting, description: "Saves in the queue");
        _meter.CreateObservableGauge(
            "store.failing", () => health.IsFailing ? 1 : 0, description: "1 while the store cannot be written");
        _meter.CreateObservableGauge(
            "deferred_store.writes_waiting", () => deferred.WritesWaiting,
            description: "Additions and removals of deferred messages in the queue");
        _meter.CreateObservableGauge(
            "deferred_store.failing", () => deferred.Health.IsFailing ? 1 : 0,
            description: "1 while the store of deferred messages cannot be written");
    }

    public void Dispose() => _meter.Dispose();
}
