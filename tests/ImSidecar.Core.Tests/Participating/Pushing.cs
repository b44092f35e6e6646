using System.Collections.Immutable;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>A push of what is kept for bob, and a clock.</summary>
internal sealed class Pushing
{
    public static readonly AggregateId id = PushDeferredMessages.IdFor(Serving.id);

    public static readonly DeferredPolicy deferred = new() { IsOn = true, Uri = Uri("sip:deferred@im.example.com") };

    public DeferredPolicy Policy { get; set; } = deferred;

    public DateTimeOffset Now { get; set; } = start;

    public DeferredFacts Known { get; set; } = new() { IsReachable = true, Waiting = new(2, 800) };

    public DeferredSession? State { get; private set; }

    public Outcome<DeferredSession> Happens(AggregateEvent happened)
    {
        var facts = NoFacts with
        {
            Now = Now,
            Operator = policy with { Deferred = Policy },
            Deferred = Known,
            Entropy = Encoding.UTF8.GetBytes($"{Now:O} and some more bytes"),
        };
        var outcome = DeferredSessionMachine.Apply(State, id, happened, facts);
        State = outcome.Next;
        return outcome;
    }

    public Outcome<DeferredSession> BobComes() => Happens(new PushWanted(bob));

    public Outcome<DeferredSession> Elapses(TimeSpan time)
    {
        Now += time;
        return Happens(new TimeElapsed());
    }

    /// <summary>A final or other answer to our last INVITE, or MESSAGE.</summary>
    public Outcome<DeferredSession> Answers(
        int code, string types = "message/sip multipart/mixed", string tag = "bob-tag", string method = "INVITE",
        string direction = "recvonly", string? sdp = null) =>
        Happens(new ResponseArrived(
            new(id, State!.Name, method, State.Push!.Requests),
            new(
                new(code, "Reason"),
                SipHeaders.Of(
                    ("Call-ID", State.Leg?.CallId ?? "call"),
                    ("From", $"<sip:deferred@im.example.com>;tag={State.Leg?.LocalTag}"),
                    ("To", $"<sip:bob@example.com>;tag={tag}"),
                    ("Contact", "<sip:bob@192.0.2.20:5060>"),
                    ("CSeq", $"{State.Push.Requests} {method}")),
                Encoding.UTF8.GetBytes(sdp ?? Sdp(types, direction)),
                IsLocal: false)));

    /// <summary>Bob has answered, and the MSRP leg has its connection.</summary>
    public static Pushing InSession()
    {
        var pushing = new Pushing();
        pushing.BobComes();
        pushing.Answers(200);
        pushing.Happens(new LegConnected(pushing.SessionId));
        return pushing;
    }

    public string SessionId => State!.Leg!.Media.SessionId;

    public Outcome<DeferredSession> Ends(DeliveryOutcome outcome) => Happens(new DeliveryEnded(SessionId, outcome));

    /// <summary>The answer to our BYE.</summary>
    public Outcome<DeferredSession> ByeAnswered() => Happens(new ResponseArrived(
        new(id, State!.Name, "BYE", State.Leg!.LocalCSeq), new(SipStatus.Ok, SipHeaders.Empty, default, IsLocal: false)));

    public static DeferredMessage Message(long number, string text = "Watson, come here.") => new()
    {
        Number = number,
        User = ServedAddress.KeyOf(bob),
        Key = "key-" + number,
        Recipient = bob,
        Sender = alice,
        ReceivedAt = start,
        ExpiresAt = start.AddDays(30),
        Content = new(StoredMessage.OfMessage(PageMode(text), Encoding.UTF8.GetBytes(text), start, false), default),
    };

    /// <summary>Alice's MESSAGE to bob, as App. D.2 shows one.</summary>
    public static PassingRequest PageMode(string text, string type = "text/plain") =>
        new(Head("MESSAGE", alice, bob) with
        {
            CallId = "asd88asd77a@192.0.2.10",
            Headers = SipHeaders.Of(
                ("Via", "SIP/2.0/TCP pc1.example.com;branch=z9hG4bK776sgdkse"),
                ("Max-Forwards", "70"),
                ("Route", "<sip:term@im.example.com;lr>"),
                ("From", "<sip:alice@example.com>;tag=49583"),
                ("To", "<sip:bob@example.com>"),
                ("Call-ID", "asd88asd77a@192.0.2.10"),
                ("P-Asserted-Identity", "<sip:alice@example.com>"),
                ("P-Charging-Vector", "icid-value=1"),
                ("CSeq", "1 MESSAGE"),
                ("Content-Type", type),
                ("Content-Length", text.Length.ToString(System.Globalization.CultureInfo.InvariantCulture))),
        })
        {
            Half = SessionCase.Terminating,
            Body = Encoding.UTF8.GetBytes(text),
        };

    private static string Sdp(string types, string direction) =>
        "v=0\r\no=- 1 1 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\nt=0 0\r\nm=message 7394 TCP/MSRP *\r\n"
        + $"a=accept-types:{types}\r\na=path:msrp://192.0.2.20:7394/bobs;tcp\r\na=setup:active\r\na={direction}\r\n";
}
