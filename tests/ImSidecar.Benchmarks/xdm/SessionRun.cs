using System.Security.Cryptography;
using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Benchmarks.Xdm;

/// <summary>One session of a pre-arranged group: all are invited, ring, accept, and the first sends all away.</summary>
internal sealed class SessionRun(OperatorPolicy policy, GroupFacts group)
{
    private static readonly byte[] _sdp = Encoding.UTF8.GetBytes(
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=message 2855 TCP/MSRP *\r\n"
        + "a=accept-types:message/cpim\r\na=path:msrp://192.0.2.1:2855/abcdefghij;tcp\r\na=setup:active\r\n");

    private static readonly AggregateId _id = new("bench");

    private readonly DateTimeOffset _now = new(2026, 11, 20, 9, 30, 0, TimeSpan.Zero);
    private Conference? _session;

    public bool IsReleased => _session?.Phase == ConferencePhase.Released;

    public void Play()
    {
        var invites = Sent(Happens(new RequestArrived(Invite())), "INVITE");
        foreach (var invite in invites)
            Happens(Answer(invite, 180));
        foreach (var invite in invites)
            Happens(Answer(invite, 200));

        var inviter = _session!.Participants.Values.Single(each => each.Leg.Transaction is not null).Leg;
        Happens(new InviteAcknowledged(inviter.Transaction, inviter.Dialog, default));
        foreach (var leg in _session.Participants.Values.ToList())
            Happens(new LegConnected(leg.Leg.Media.SessionId));
        foreach (var bye in Sent(Happens(new GroupChanged(), GroupFacts.None), "BYE"))
            Happens(Answer(bye, 200));
    }

    private Decision Happens(AggregateEvent happened, GroupFacts? known = null)
    {
        var decision = ConferenceMachine.Apply(_session, _id, happened, new()
        {
            Now = _now,
            Entropy = RandomNumberGenerator.GetBytes(32),
            Operator = policy,
            Group = known ?? group,
        });
        _session = decision.Conference;
        if (_session is not null)
            ConferenceMachine.NextDue(_session);
        return decision;
    }

    private static List<SendRequest> Sent(Decision decision, string method) =>
        [.. decision.Effects.OfType<SendRequest>().Where(each => each.Request.Method == method)];

    private static ResponseArrived Answer(SendRequest request, int code) => new(
        request.Key,
        new(new(code, "Reason"), SipHeaders.Of(
            ("To", request.Request.To + ";tag=callee"),
            ("Contact", "<sip:someone@192.0.2.9>")), code == 200 ? _sdp : default));

    private static InviteRequest Invite()
    {
        _ = SipUri.TryParse("sip:member0@example.com", out var inviter);
        _ = SipUri.TryParse("sip:crowd@groups.example.com", out var uri);
        return new(new()
        {
            Transaction = "t",
            Method = "INVITE",
            Uri = uri,
            From = new(inviter, null, ";tag=caller"),
            To = new(uri, null, ""),
            CallId = "call",
            CSeq = 1,
            LocalTag = "focus",
            Identities = [new(inviter, null, "")],
            Contact = new(inviter, null, ""),
        })
        {
            Offer = _sdp,
        };
    }
}
