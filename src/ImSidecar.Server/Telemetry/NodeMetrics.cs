using System.Diagnostics.Metrics;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Stores.Deferred;
using ImSidecar.Server.Xdm.Diff;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace ImSidecar.Server.Telemetry;

/// <summary>What the node holds, what is in work and how its neighbours fare: looked at when somebody asks.</summary>
internal sealed class NodeMetrics : IDisposable
{
    private readonly Meter _meter = new(Instruments.MeterName);

    public NodeMetrics(
        Readiness readiness, ConferenceCounts counts, ServedUsers users, DocumentSubscribers documents,
        AggregateRouter router, Admission admission, LinkRegistry links, StoreHealth health,
        IServerStore store, DeferredMessageStore deferred)
    {
        Gauge("imsidecar.ready", () => readiness.IsReady ? 1 : 0, "1 while new sessions are taken on");
        Gauge("imsidecar.draining", () => readiness.IsDraining ? 1 : 0, "1 while the operator drains the node");
        UpDown(
            "imsidecar.conferences", "{conference}", () => counts.Conferences,
            "Conferences, released ones until forgotten");
        UpDown("imsidecar.participants", "{participant}", () => counts.Participants, "Participants, invited ones too");
        UpDown(
            "imsidecar.subscriptions", "{subscription}", () => counts.Subscriptions,
            "Subscriptions to conference state");
        UpDown("imsidecar.served_users", "{user}", () => users.Count, "Users with registrations or service settings");
        UpDown(
            "imsidecar.document_subscriptions", "{subscription}", () => documents.Count,
            "Subscriptions to XCAP documents");
        ObserveWork(router, admission);
        ObserveGateway(links);
        ObserveStores(health, store, deferred);
    }

    public void Dispose() => _meter.Dispose();

    private void ObserveWork(AggregateRouter router, Admission admission)
    {
        UpDown("imsidecar.mailboxes", "{mailbox}", () => router.Count, "Conferences, users and messages in memory");
        UpDown("imsidecar.mailboxes.queued", "{mailbox}", () => router.Queued, "Mailboxes that wait for their turn");
        UpDown(
            "imsidecar.requests.in_work", "{request}", () => admission.RequestsInWork,
            "Requests that are not yet saved");
        UpDown(
            "imsidecar.events.in_work", "{event}", () => admission.EventsInWork,
            "Events of Kamailio that are not yet saved");
    }

    private void ObserveGateway(LinkRegistry links)
    {
        Gauge(
            "imsidecar.gateway.attached", () => links.All.Count(link => link.IsServing),
            "Kamailios that are attached");
        UpDown(
            "imsidecar.gateway.actions.queued", "{action}", () => links.All.Sum(link => link.Queued),
            "Actions that wait for Kamailio to read them");
        UpDown(
            "imsidecar.gateway.queue.size", "By", () => (int)links.All.Sum(link => link.QueuedBytes),
            "Size of the actions that wait for Kamailio");
        UpDown(
            "imsidecar.gateway.events.unacknowledged", "{event}", () => links.All.Sum(link => link.Ledger.InWork),
            "Events that Kamailio keeps until they are confirmed");
    }

    private void ObserveStores(StoreHealth health, IServerStore store, DeferredMessageStore deferred)
    {
        _meter.CreateObservableGauge(
            "imsidecar.store.failing",
            () => Both(health.IsFailing ? 1 : 0, deferred.Health.IsFailing ? 1 : 0),
            description: "1 while the store cannot be written");
        _meter.CreateObservableUpDownCounter(
            "imsidecar.store.queue.length", () => Both(store.SavesWaiting, deferred.WritesWaiting), "{write}",
            "Saves that wait for the disk");
        _meter.CreateObservableUpDownCounter(
            "imsidecar.deferred.messages", () => deferred.Held.Messages, "{message}", "Messages kept for absent users");
        _meter.CreateObservableUpDownCounter(
            "imsidecar.deferred.size", () => deferred.Held.Bytes, "By", "Size of the messages kept for absent users");
    }

    private static Measurement<int>[] Both(int conferences, int deferred) =>
        [new(conferences, new Tag("store", "conferences")), new(deferred, new Tag("store", "deferred"))];

    private void Gauge(string name, Func<int> look, string description) =>
        _meter.CreateObservableGauge(name, look, description: description);

    private void UpDown(string name, string unit, Func<int> look, string description) =>
        _meter.CreateObservableUpDownCounter(name, look, unit, description);
}
