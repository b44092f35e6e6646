using System.Collections.Immutable;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>One session with the message store, what waits in the store, and a clock.</summary>
internal sealed class Storing
{
    public static readonly AggregateId id = AggregateId.Of(AggregateKind.DeferredSession, "abcdefghijklmnopqrstuvwxyz");
    public static readonly SipUri store = Uri("sip:deferred@im.example.com");
    public static readonly SipUri self = Uri("sip:ds-abcdefghijklmnopqrstuvwxyz@im.example.com");

    public static readonly DeferredPolicy deferred = new()
    {
        IsOn = true,
        Uri = store,
        MaxMessageBytes = 20_000,
        Quota = new(UserMessages: 10, UserBytes: 100_000, Messages: 1000, Bytes: 1_000_000),
    };

    public DeferredSession? State { get; set; }

    public DateTimeOffset Now { get; set; } = start;

    public DeferredPolicy Policy { get; set; } = deferred;

    public OperatorPolicy Operator { get; set; } = policy;

    /// <summary>What waits for the user, and whether that can be known.</summary>
    public DeferredFacts Waiting { get; set; } = new() { Waiting = new(3, 3000), IsReachable = true };

    public Leg Leg => State!.Leg!;

    public static DepositRequest ToBob(SipUri? from = null, string? sdp = null) =>
        new DepositRequest(Head("INVITE", from ?? carol, bob) with { Contact = ContactOf(from ?? carol) })
        {
            Recipient = bob,
            Callers = [from ?? carol],
            Body = Encoding.UTF8.GetBytes(sdp ?? Encoding.UTF8.GetString(Sdp(from ?? carol))),
        }.With("From", $"<{from ?? carol}>;tag=from").With("To", $"<{bob}>").With("Call-ID", "call-of-carol")
            .With("Content-Type", "application/sdp");

    public static InviteRequest ToStore(string parameters = "", SipUri? from = null) =>
        new(Head("INVITE", from ?? bob, Uri(store + parameters)) with { Contact = ContactOf(from ?? bob) })
        {
            Offer = Sdp(from ?? bob),
        };

    public static ReferRequest Deletes(string? messages, SipUri? from = null) =>
        new(Head("REFER", from ?? bob, store) with { Contact = ContactOf(from ?? bob) })
        {
            Targets = [new(store, null, "BYE") { Messages = messages }],
        };

    /// <summary>Carol leaves messages for bob; her ACK has come.</summary>
    public static Storing Deposit(DepositRequest? request = null)
    {
        var storing = new Storing();
        storing.Arrives(request ?? ToBob());
        storing.Acknowledges();
        return storing;
    }

    /// <summary>Bob gets his messages.</summary>
    public static Storing Fetch(string parameters = "")
    {
        var storing = new Storing();
        storing.Arrives(ToStore(parameters));
        storing.Acknowledges();
        return storing;
    }

    /// <summary>Bob has accepted our INVITE.</summary>
    public static Storing Push()
    {
        var storing = new Storing();
        var invite = storing.Happens(new PushWanted(bob)).Single<SendRequest>();
        var answer = Response(invite, 200, "bobs", Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString(Sdp(bob, setup: "passive")) + "a=recvonly\r\n"));
        storing.Happens(new ResponseArrived(invite.Key, answer));
        return storing;
    }

    public static Storing Of(string purpose) => purpose switch
    {
        "Deposit" => Deposit(),
        "Fetch" => Fetch(),
        "Push" => Push(),
        _ => throw new ArgumentOutOfRangeException(nameof(purpose)),
    };

    public Facts Facts => NoFacts with
    {
        Now = Now,
        Operator = Operator with { Deferred = Policy, Participating = Serving.participating },
        Deferred = Waiting,
    };

    public Outcome<DeferredSession> Happens(AggregateEvent happened)
    {
        var outcome = DeferredSessionMachine.Apply(State, id, happened, Facts);
        State = outcome.Next;
        return outcome;
    }

    public Outcome<DeferredSession> Arrives(ImRequest request) => Happens(new RequestArrived(request));

    public Respond Answers(ImRequest request) => Arrives(request).Single<Respond>();

    public Outcome<DeferredSession> Acknowledges(ReadOnlyMemory<byte> body = default) =>
        Happens(new InviteAcknowledged(Leg.Transaction, Leg.Dialog, body));

    public Outcome<DeferredSession> Elapses(TimeSpan time)
    {
        Now += time;
        return Happens(new TimeElapsed());
    }

    /// <summary>The final answer to a BYE of ours.</summary>
    public Outcome<DeferredSession> AnswersBye(SendRequest bye, int code = 200) =>
        Happens(new ResponseArrived(bye.Key, new(new(code, "As it is"), SipHeaders.Empty, default)));

    public ByeRequest Bye(long? cseq = null) => new(Inside("BYE", cseq));

    public ReinviteRequest Reinvite(ReadOnlyMemory<byte>? offer, string method = "INVITE", long? cseq = null) =>
        new(Inside(method, cseq)) { Offer = offer };

    private RequestHead Inside(string method, long? cseq) =>
        Tests.Given.Inside(Leg, carol, method, cseq) with { Uri = self, Transaction = $"t-{method}-{cseq}" };

    public static MsrpMedia MediaOf(ReadOnlyMemory<byte> body)
    {
        Assert.True(SessionDescription.TryParse(body.Span, out var description));
        Assert.True(description.TryFindMsrp(out _, out var media));
        return media;
    }
}
