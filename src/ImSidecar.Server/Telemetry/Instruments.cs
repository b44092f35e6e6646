using System.Diagnostics.Metrics;
using ImSidecar.Server.Gateway.V1;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace ImSidecar.Server.Telemetry;

/// <summary>
/// What is counted as it happens, named as OpenTelemetry does: dots, and the unit beside the name. A value of a label
/// is one of a few; no user, URI or Call-ID is one. What is looked at only when asked for: <see cref="NodeMetrics"/>.
/// </summary>
internal static class Instruments
{
    public const string MeterName = "ImSidecar";

    /// <summary>Bounds of all durations, in seconds.</summary>
    internal static readonly double[] Seconds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly Meter _meter = new(MeterName);

    private static long _lastCommit;

    private static readonly Counter<long> _events = _meter.CreateCounter<long>(
        "imsidecar.gateway.events", "{event}", "Events of Kamailio that were taken on, by kind");

    private static readonly Counter<long> _actions = _meter.CreateCounter<long>(
        "imsidecar.gateway.actions", "{action}", "Actions handed to Kamailio, by kind");

    private static readonly Counter<long> _requests = _meter.CreateCounter<long>(
        "imsidecar.sip.server.requests", "{request}", "SIP requests that came, by method");

    private static readonly Counter<long> _responses = _meter.CreateCounter<long>(
        "imsidecar.sip.server.responses", "{response}",
        "What became of SIP requests that came: class of the final response, declined or relayed");

    private static readonly Counter<long> _ownRequests = _meter.CreateCounter<long>(
        "imsidecar.sip.client.requests", "{request}", "SIP requests of the sidecar, by method");

    private static readonly Counter<long> _ownResponses = _meter.CreateCounter<long>(
        "imsidecar.sip.client.responses", "{response}",
        "Final responses to SIP requests of the sidecar, by method and class");

    private static readonly Counter<long> _invitations = _meter.CreateCounter<long>(
        "imsidecar.invitations", "{invitation}", "INVITEs of the sidecar outside a dialog, by what came of them");

    private static readonly Histogram<double> _waited = Duration(
        "imsidecar.event.wait.duration", "From reading an event to its turn in the mailbox of its conference");

    private static readonly Histogram<double> _settled = Duration(
        "imsidecar.event.duration", "From reading an event until its outcome is saved and its actions are handed over");

    private static readonly Counter<long> _refused = _meter.CreateCounter<long>(
        "imsidecar.requests.refused", "{request}", "Requests answered 503 on arrival, by reason");

    private static readonly Counter<long> _redirected = _meter.CreateCounter<long>(
        "imsidecar.gateway.redirects", "{event}", "Events that were for another node and handed on to it");

    private static readonly Counter<long> _failures = _meter.CreateCounter<long>(
        "imsidecar.failures", "{failure}", "Bugs that cost an event, a decision, an effect or a save, by part");

    private static readonly Counter<long> _deposits = _meter.CreateCounter<long>(
        "imsidecar.deferred.deposits", "{message}", "Messages for absent users, by what the store said");

    private static readonly Counter<long> _removals = _meter.CreateCounter<long>(
        "imsidecar.deferred.removals", "{message}", "Messages that left the store, by reason");

    private static readonly Counter<long> _writes = _meter.CreateCounter<long>(
        "imsidecar.store.writes", "{write}", "Saves by outcome");

    private static readonly Histogram<long> _batches = _meter.CreateHistogram(
        "imsidecar.store.batch.size", "{write}", "Saves that were committed together",
        advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });

    private static readonly Histogram<double> _commits = Duration(
        "imsidecar.store.commit.duration", "One commit of saves to the disk or the database");

    private static readonly Counter<long> _reads = _meter.CreateCounter<long>(
        "imsidecar.xdms.reads", "{document}", "Documents of the remote XDMS that were asked for, by what memory had");

    private static readonly Histogram<double> _lookups = Duration(
        "imsidecar.xdms.request.duration", "One look-up at the remote XDMS, repeated requests included");

    /// <summary>Nobody looks, so nothing need be measured.</summary>
    public static bool TimesEvents => _settled.Enabled || _waited.Enabled;

    /// <summary>Makes them known; what an alert waits for begins at 0, or the first one would be no change.</summary>
    public static void Begin()
    {
        foreach (var part in Labels.Parts)
            _failures.Add(0, new Tag("part", part));
    }

    public static void Came(SipEvent happened)
    {
        _events.Add(1, new Tag("event", Labels.Of(happened.EventCase)));
        if (happened.EventCase == SipEvent.EventOneofCase.Request && _requests.Enabled)
            _requests.Add(1, new Tag("method", Labels.Method(happened.Request.Method)));
    }

    public static void Went(SipAction action)
    {
        if (!_actions.Enabled)
            return;

        _actions.Add(1, new Tag("action", Labels.Of(action.ActionCase)));
        if (action.Originate is { } request)
            _ownRequests.Add(1, new Tag("method", Labels.Method(request.Method)));
    }

    /// <summary>A request that came has its final answer.</summary>
    public static void Answered(string method, int code) => Ended(method, Labels.Class(code));

    public static void Declined(string method) => Ended(method, "declined");

    public static void Relayed(string method) => Ended(method, "relayed");

    /// <summary>A request of ours has its final answer.</summary>
    public static void WasAnswered(string method, bool isInvitation, int code)
    {
        if (!_ownResponses.Enabled)
            return;

        _ownResponses.Add(1, new Tag("method", Labels.Method(method)), new Tag("class", Labels.Class(code)));
        if (isInvitation)
            _invitations.Add(1, new Tag("outcome", Labels.Invitation(code)));
    }

    public static void Waited(string kind, TimeSpan time) =>
        _waited.Record(time.TotalSeconds, new Tag("event", kind));

    public static void Settled(string kind, TimeSpan time) =>
        _settled.Record(time.TotalSeconds, new Tag("event", kind));

    public static void Refused(string reason) => _refused.Add(1, new Tag("reason", reason));

    public static void Redirected() => _redirected.Add(1);

    /// <summary>Part is one of <see cref="Labels.Parts"/>.</summary>
    public static void Failed(string part) => _failures.Add(1, new Tag("part", part));

    public static void Deposited(string outcome) => _deposits.Add(1, new Tag("outcome", outcome));

    public static void Removed(string reason, int count) => _removals.Add(count, new Tag("reason", reason));

    /// <summary>How long the last commit of conferences took.</summary>
    public static TimeSpan LastCommit => new(Volatile.Read(ref _lastCommit));

    public static void Committed(string store, int count, TimeSpan time)
    {
        if (store == "conferences")
            Volatile.Write(ref _lastCommit, time.Ticks);
        _writes.Add(count, new Tag("store", store), new Tag("outcome", "written"));
        _batches.Record(count, new Tag("store", store));
        _commits.Record(time.TotalSeconds, new Tag("store", store));
    }

    public static void NotCommitted(string store, int count) =>
        _writes.Add(count, new Tag("store", store), new Tag("outcome", "failed"));

    public static void Read(string freshness) => _reads.Add(1, new Tag("memory", freshness));

    public static void LookedUp(string outcome, TimeSpan time) =>
        _lookups.Record(time.TotalSeconds, new Tag("outcome", outcome));

    private static void Ended(string method, string outcome)
    {
        if (_responses.Enabled)
            _responses.Add(1, new Tag("method", Labels.Method(method)), new Tag("class", outcome));
    }

    private static Histogram<double> Duration(string name, string description) => _meter.CreateHistogram(
        name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
}
