using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Telemetry.Tracing;

/// <summary>
/// One trace for each Call-ID: its id is made of that, so who knows the one finds the other. Nothing is made while
/// nobody samples.
/// </summary>
internal static class Traces
{
    public const string SourceName = "ImSidecar";

    private static readonly ActivitySource _source = new(SourceName);

    [ThreadStatic]
    private static ActivityTraceId _next;

    static Traces() => Activity.TraceIdGenerator = () => _next == default ? ActivityTraceId.CreateRandom() : _next;

    public static bool IsOn => _source.HasListeners();

    /// <summary>What runs now, for who goes on with it; default: nobody samples that.</summary>
    public static ActivityContext Context =>
        Activity.Current is { } current && current.Source.Name == SourceName ? current.Context : default;

    /// <summary>The first 16 bytes of the SHA-256 of the Call-ID.</summary>
    public static ActivityTraceId IdOf(string callId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(callId), hash);
        return ActivityTraceId.CreateFromBytes(hash[..16]);
    }

    /// <summary>An event of Kamailio that has a Call-ID; it ends when the event is dealt with.</summary>
    public static Activity? Begin(Link link, SipEvent happened)
    {
        if (!IsOn || WireCallId.Of(happened) is var callId && callId == CallIds.None)
            return null;

        var (name, kind) = happened.EventCase switch
        {
            SipEvent.EventOneofCase.Request => (Labels.Method(happened.Request.Method), ActivityKind.Server),
            SipEvent.EventOneofCase.Response => ("response", ActivityKind.Consumer),
            _ => (Labels.Of(happened.EventCase), ActivityKind.Consumer),
        };
        var span = Root(name, kind, callId, []);
        span?.SetTag("imsidecar.kamailio", link.Instance);
        if (happened.EventCase == SipEvent.EventOneofCase.Response)
            span?.SetTag("sip.status_code", (int)happened.Response.Code);
        return span;
    }

    /// <summary>What is done for that span runs from here on; a span of its own until that is disposed of, or null.</summary>
    public static Activity? Perform(Activity? cause, Effect effect)
    {
        if (cause is null)
            return null;

        Activity.Current = cause;
        switch (effect)
        {
            case SendRequest { Request: { IsInitial: true } request }:
                var link = new ActivityLink(cause.Context);
                return Root(Labels.Method(request.Method), ActivityKind.Client, request.CallId, [link]);
            case OpenLeg:
                return _source.StartActivity("msrp.open", ActivityKind.Client);
            case Respond respond:
                cause.SetTag("sip.status_code", respond.Status.Code);
                break;
        }

        return null;
    }

    /// <summary>A part of it that goes on elsewhere in the node, and ends there.</summary>
    public static Activity? Continue(Activity? cause, string name) => Detached(
        () => cause is null ? null : _source.StartActivity(name, ActivityKind.Internal, cause.Context));

    /// <summary>A part of that span, which from here on is what runs.</summary>
    public static Activity? Part(string name, Activity? of)
    {
        if (of is null)
            return null;

        Activity.Current = of;
        return _source.StartActivity(name);
    }

    /// <summary>A part of what runs now, until it is disposed of; null: nobody samples that.</summary>
    public static Activity? Part(string name) =>
        Activity.Current is { } current && current.Source.Name == SourceName ? _source.StartActivity(name) : null;

    /// <summary>A part of it that is over.</summary>
    public static void Passed(Activity span, string name, DateTime began) => Detached(() =>
    {
        var part = _source.StartActivity(name, ActivityKind.Internal, span.Context, startTime: began);
        part?.Stop();
        return part;
    });

    /// <summary>It is over, and what runs now is not.</summary>
    public static void End(Activity? span) => Detached(() =>
    {
        span?.Stop();
        return span;
    });

    private static Activity? Root(
        string name, ActivityKind kind, string callId, IEnumerable<ActivityLink> links) => Detached(() =>
    {
        // Nothing that runs now is its parent: neither the stream of Kamailio nor the cause.
        Activity.Current = null;
        _next = IdOf(callId);
        try
        {
            return _source.StartActivity(
                name, kind, default(ActivityContext), [new("sip.call_id", callId), new("sip.method", name)], links);
        }
        finally
        {
            _next = default;
        }
    });

    // What is started is not what runs.
    private static Activity? Detached(Func<Activity?> start)
    {
        var current = Activity.Current;
        try
        {
            return start();
        }
        finally
        {
            Activity.Current = current;
        }
    }
}
