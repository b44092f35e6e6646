using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Protocol.ResourceLists;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Tests.Documents;

/// <summary>Our subscription to a remote XDMS, a notifier that is scripted, and a clock.</summary>
internal sealed class Watching
{
    public static readonly AggregateId id = AggregateId.Of(AggregateKind.DocumentWatch, "abc");
    public static readonly DocumentSelector ski = DocumentSelector.OfGroup("sip:ski@groups.example.com");
    public static readonly DocumentSelector chess = DocumentSelector.OfGroup("sip:chess@groups.example.com");

    private long _cseq;
    private int _entropy;

    public DocumentWatch? State { get; private set; }

    public DateTimeOffset Now { get; set; } = start;

    public WatchFacts? Facts { get; set; } = new(Uri("sip:xcap-diff@xdms.example.net"), factory);

    /// <summary>Subscribed to these documents, which have the ETag "1".</summary>
    public static Watching Settled(params ImmutableArray<DocumentSelector> documents)
    {
        var watching = new Watching();
        watching.Happens(new DocumentsWanted(documents));
        watching.Accepts();
        watching.Tells("active;expires=3600", [.. documents.Select(each => (each, (string?)"1"))]);
        return watching;
    }

    public Outcome<DocumentWatch> Happens(AggregateEvent happened)
    {
        var facts = NoFacts with { Now = Now, Entropy = new[] { (byte)++_entropy }, Watch = Facts };
        var outcome = DocumentWatchMachine.Apply(State, id, happened, facts);
        State = outcome.Next;
        return outcome;
    }

    public Outcome<DocumentWatch> Elapses(TimeSpan time)
    {
        Now += time;
        return Happens(new TimeElapsed());
    }

    /// <summary>What the notifier answers to the SUBSCRIBE that is under way.</summary>
    public Outcome<DocumentWatch> Answers(int code, params (string, string)[] headers) => Happens(new ResponseArrived(
        new(id, "w", "SUBSCRIBE", State!.Dialog!.LocalCSeq, State.Dialog.LocalTag),
        new(new(code, "Reason"), SipHeaders.Of(headers), default)));

    public Outcome<DocumentWatch> Accepts(int seconds = 3600) => Answers(200,
        ("To", "<sip:xcap-diff@xdms.example.net>;tag=notifier"),
        ("Contact", "<sip:subscription@xdms.example.net>"),
        ("Record-Route", "<sip:theirs.example.net;lr>, <sip:ours.example.com;lr>"),
        ("Expires", seconds.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    public Outcome<DocumentWatch> Tells(string state, params (DocumentSelector, string?)[] documents) =>
        Happens(new RequestArrived(Notify(state, documents)));

    /// <summary>A NOTIFY within the dialog, later than those before.</summary>
    public NotifyRequest Notify(string state, params (DocumentSelector, string?)[] documents)
    {
        var dialog = State?.Dialog;
        var head = Head("NOTIFY", bob, Uri($"sip:{id}@im.example.com")) with
        {
            From = new(Uri("sip:xcap-diff@xdms.example.net"), null, ";tag=notifier"),
            To = new(factory, null, ";tag=" + dialog?.LocalTag),
            CallId = dialog?.CallId ?? "none",
            CSeq = ++_cseq,
            Contact = Address("<sip:subscription@xdms.example.net>"),
            RouteSet = ["<sip:ours.example.com;lr>"],
        };
        return new(head)
        {
            Event = "xcap-diff",
            State = state.Split(';')[0],
            Reason = SipParameters.Find(state, "reason"),
            Expires = Number("expires"),
            RetryAfter = Number("retry-after"),
            Diff = new("http://xdms.example.net/root/",
                [.. documents.Select(each => new DocumentDiff(XcapUri.Write(each.Item1), null, each.Item2))]),
        };

        int? Number(string name) => int.TryParse(SipParameters.Find(state, name), out var seconds) ? seconds : null;
    }

    public string? ETagOf(DocumentSelector document) =>
        State!.Told.FirstOrDefault(each => each.Document == document)?.ETag;

    public static string[] NamesIn(SendRequest subscribe)
    {
        Assert.Equal("application/resource-lists+xml", subscribe.Request.Headers.First("Content-Type"));
        Assert.True(ResourceListXml.TryParse(subscribe.Request.Body, out var list, out var error), error);
        return [.. list.Entries.Select(each => each.Uri)];
    }
}
