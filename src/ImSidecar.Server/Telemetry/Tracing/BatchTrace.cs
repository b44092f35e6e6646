using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Server.Hosting;

namespace ImSidecar.Server.Telemetry.Tracing;

/// <summary>
/// The spans of what a mailbox works off together: each has its own wait and its own decision, the save and what
/// follows are the same for all.
/// </summary>
internal sealed class BatchTrace
{
    private readonly List<Activity> _spans;

    private BatchTrace(List<Activity> spans) => _spans = spans;

    /// <summary>Null when there is no span among them.</summary>
    public static BatchTrace? Of(List<MailboxItem> batch, AggregateId id)
    {
        if (!Traces.IsOn)
            return null;

        List<Activity>? spans = null;
        foreach (var item in batch)
        {
            if (item.TakeSpan() is not { } span)
                continue;

            span.SetTag("imsidecar.kind", id.Kind.ToString());
            span.SetTag(id.Kind == AggregateKind.Conference ? "imsidecar.conference" : "imsidecar.aggregate", id.Value);
            Traces.Passed(span, "mailbox.wait", span.StartTimeUtc);
            (spans ??= []).Add(span);
        }

        return spans is null ? null : new(spans);
    }

    /// <summary>From then until now all of them were in that part.</summary>
    public void Passed(string part, DateTime began)
    {
        foreach (var span in _spans)
            Traces.Passed(span, part, began);
    }

    public void End(Exception? failure = null)
    {
        var current = Activity.Current;
        foreach (var span in _spans)
        {
            if (failure is not null)
                span.SetStatus(ActivityStatusCode.Error, failure.GetType().Name);
            span.Stop();
        }

        Activity.Current = current;
    }
}
