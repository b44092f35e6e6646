using System.Text;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Flows;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Tests;

namespace ImSidecar.EndToEnd.Tests.Fuzz;

/// <summary>Valid messages to spoil: new requests, requests within living dialogs, and answers.</summary>
internal sealed class SipSeeds(Random random, string sender)
{
    private static readonly string[] _methods =
    [
        "INVITE", "INVITE", "SUBSCRIBE", "BYE", "OPTIONS", "MESSAGE", "UPDATE", "REFER", "NOTIFY", "CANCEL", "ACK", "INFO",
    ];

    private static readonly int[] _statuses = [100, 180, 183, 200, 200, 200, 202, 302, 401, 407, 420, 422, 481, 487, 503];

    private readonly List<byte[]> _torture = [.. Vectors.Names("sip-torture", "*.dat").Select(Vectors.Read)];
    private readonly Queue<SipMessage> _sent = [];
    private SipMessage? _challenge;

    /// <summary>The living dialogs at which we aim.</summary>
    public IReadOnlyList<Dialog> Dialogs { get; set; } = [];

    /// <summary>A nonce may be used again until it is stale.</summary>
    public void TakeChallenge(SipMessage challenge) => _challenge = challenge;

    public byte[] Next() => random.Next(10) switch
    {
        0 => _torture[random.Next(_torture.Count)],
        < 6 => SipCodec.Write(Initial()),
        < 9 => SipCodec.Write(InDialog()),
        _ => SipCodec.Write(Answer(_sent.Count > 0 ? _sent.ElementAt(random.Next(_sent.Count)) : Initial())),
    };

    /// <summary>Any answer, plausible or not.</summary>
    public SipMessage Answer(SipMessage request)
    {
        var status = _statuses[random.Next(_statuses.Length)];
        var answer = SipMessage.Response(status);
        foreach (var name in (string[])["Via", "Record-Route", "From", "To", "Call-ID", "CSeq"])
            answer.CopyFrom(request, name);
        if (request.ToTag is null)
            answer.Set("To", $"{request["To"]};tag=t{random.Next(3)}");
        answer.Add("Contact", $"<sip:fuzz@{sender}>");
        if (random.Next(3) > 0 && request.CSeqMethod == "INVITE")
            answer.WithBody("application/sdp", Encoding.UTF8.GetBytes(Bodies.Offer.ReplaceLineEndings("\r\n")));
        return answer;
    }

    private SipMessage Initial()
    {
        var method = _methods[random.Next(_methods.Length)];
        if (method is "CANCEL" or "ACK" && _sent.Count > 0)
            return Following(method, _sent.ElementAt(random.Next(_sent.Count)));

        var uri = random.Next(6) switch
        {
            0 => "sip:fuzz@example.com",
            1 => "sip:team@groups.example.com",
            2 when Dialogs is [.., var last] => last.RemoteTarget,
            _ => DemoProfile.Factory,
        };
        var request = With(SipMessage.Request(method, uri)
            .Add("Max-Forwards", "70")
            .Add("From", $"<sip:fuzz@example.com>;tag={Token.New(6)}")
            .Add("To", $"<{uri}>")
            .Add("Call-ID", Token.New(12))
            .Add("CSeq", $"1 {method}"));
        _sent.Enqueue(request);
        if (_sent.Count > 50)
            _sent.Dequeue();
        return request;
    }

    private SipMessage InDialog()
    {
        var dialogs = Dialogs;
        if (dialogs.Count == 0)
            return Initial();

        var dialog = dialogs[random.Next(dialogs.Count)];
        var method = _methods[random.Next(_methods.Length)];
        return With(dialog.CreateRequest(method, (uint)random.Next(1, 100)));
    }

    private static SipMessage Following(string method, SipMessage invite) =>
        SipMessage.Request(method, invite.RequestUri!)
            .CopyFrom(invite, "Via").CopyFrom(invite, "From").CopyFrom(invite, "To").CopyFrom(invite, "Call-ID")
            .Add("CSeq", $"{invite.CSeq} {method}");

    private SipMessage With(SipMessage request)
    {
        request.AddFirst("Via", $"SIP/2.0/UDP {sender};rport;branch={Token.NewBranch()}")
            .Add("Contact", $"<sip:fuzz@{sender}>;+g.oma.sip-im")
            .Add("P-Asserted-Identity", "<sip:fuzz@example.com>")
            .Add("Accept-Contact", "*;+g.oma.sip-im;require;explicit")
            .Add("Supported", "timer");
        if (request.Method == "SUBSCRIBE")
            request.Add("Event", "conference").Add("Expires", "3").Add("Accept", "application/conference-info+xml");
        if (request.Method == "INVITE")
            AddBody(request);
        return _challenge is { } challenge && random.Next(2) == 0
            ? new DigestCredentials("fuzz", "demo").Authorize(request, challenge) ?? request
            : request;
    }

    private void AddBody(SipMessage invite)
    {
        if (random.Next(3) == 0)
        {
            invite.WithBody("application/sdp", Encoding.UTF8.GetBytes(Bodies.Offer.ReplaceLineEndings("\r\n")));
            return;
        }

        var list = Bodies.List.Replace("sip:bob@", random.Next(2) == 0 ? "sip:fuzz@" : "sip:absent@");
        var (type, body) = Bodies.Multipart(list: list);
        invite.Add("Require", "recipient-list-invite").Add("Session-Expires", "1800").WithBody(type, body);
    }
}
