using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Tests.Documents;

/// <summary>One subscription to documents, the documents there are, and a clock.</summary>
internal sealed class Watcher
{
    public static readonly AggregateId id = AggregateId.Of(AggregateKind.DocumentSubscription, "abc");

    public static readonly DocumentSelector lists = new("resource-lists", alice.AddressKey, "index");
    public static readonly DocumentSelector rules = new(ApplicationUsage.AccessRules, alice.AddressKey, "access-rules");
    public static readonly DocumentSelector ofBob = new("resource-lists", bob.AddressKey, "index");

    public DocumentSubscription? State { get; private set; }

    public DateTimeOffset Now { get; set; } = start;

    public OperatorPolicy Policy { get; set; } = policy;

    public DocumentFacts Facts { get; set; } = new()
    {
        Root = "http://xcap.example.com/root/",
        Known =
        [
            new(lists, "l1", alice.AddressKey), new(rules, "r1", alice.AddressKey), new(ofBob, "b1", bob.AddressKey),
        ],
    };

    /// <summary>A subscription whose first NOTIFY was answered.</summary>
    public static Watcher Settled(SubscribeRequest? request = null)
    {
        var watcher = new Watcher();
        watcher.Happens(new RequestArrived(request ?? Asks()));
        watcher.Answers(200);
        return watcher;
    }

    public static SubscribeRequest Asks(SipUri? from = null, int? expires = null, params string[] documents)
    {
        var who = from ?? alice;
        return new(Head("SUBSCRIBE", who, who) with
        {
            CallId = "documents-of-" + who.User,
            Contact = ContactOf(who),
            RouteSet = ["<sip:edge.example.com;lr>"],
        })
        {
            Event = "xcap-diff",
            Expires = expires,
            Targets = [.. documents.Select(Target)],
        };
    }

    /// <summary>The same within its dialog.</summary>
    public SubscribeRequest Refreshes(int cseq = 2, int? expires = null, params string[] documents)
    {
        var subscription = State!.Subscription;
        return Asks(null, expires, documents).WithHead(head => head with
        {
            To = new(alice, null, ";tag=" + subscription.Dialog.LocalTag),
            LocalTag = subscription.Dialog.LocalTag,
            CSeq = cseq,
        });
    }

    public static DocumentTarget Target(string text) =>
        DocumentTarget.TryParse(text, out var target) ? target : throw new FormatException(text);

    public Outcome<DocumentSubscription> Happens(AggregateEvent happened)
    {
        var facts = NoFacts with { Now = Now, Operator = Policy, Documents = Facts };
        var outcome = DocumentSubscriptionMachine.Apply(State, id, happened, facts);
        State = outcome.Next;
        return outcome;
    }

    public Outcome<DocumentSubscription> Arrives(ImRequest request) => Happens(new RequestArrived(request));

    public Outcome<DocumentSubscription> Answers(int code, params (string, string)[] headers) => Happens(
        new ResponseArrived(
            new(id, "s", "NOTIFY", State!.Subscription.LocalCSeq),
            new(new(code, "Reason"), SipHeaders.Of(headers), default)));

    /// <summary>A document is written, or deleted.</summary>
    public Outcome<DocumentSubscription> Changes(DocumentSelector document, string? etag)
    {
        Facts = Facts with { Known = Known(document, etag) };
        return Happens(new DocumentsChanged());
    }

    public Outcome<DocumentSubscription> Elapses(TimeSpan time)
    {
        Now += time;
        return Happens(new TimeElapsed());
    }

    public static ImmutableArray<DocumentDiff> DiffOf(Outcome<DocumentSubscription> outcome)
    {
        var notify = outcome.Single<SendRequest>().Request;
        Assert.True(XcapDiffXml.TryParse(notify.Body, out var diff, out var error), error);
        Assert.Equal("application/xcap-diff+xml", notify.Headers.First("Content-Type"));
        Assert.Equal("http://xcap.example.com/root/", diff.Root);
        return diff.Documents;
    }

    private ImmutableArray<KnownDocument> Known(DocumentSelector document, string? etag)
    {
        var others = Facts.Known!.Value.RemoveAll(each => each.Document == document);
        return etag is null ? others : others.Add(new(document, etag, document.User ?? alice.AddressKey));
    }
}
