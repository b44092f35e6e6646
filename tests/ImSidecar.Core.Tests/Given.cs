using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Rules;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Tests;

/// <summary>Test data: a test states only what matters to it.</summary>
internal static class Given
{
    public static readonly SipUri factory = Uri("sip:conf-factory@im.example.com");
    public static readonly SipUri alice = Uri("sip:alice@example.com");
    public static readonly SipUri bob = Uri("sip:bob@example.com");
    public static readonly SipUri carol = Uri("sip:carol@example.net");
    public static readonly SipUri dave = Uri("sip:dave@example.net");
    public static readonly SipUri mallory = Uri("sip:mallory@example.com");

    public static readonly DateTimeOffset start = new(2026, 11, 20, 9, 30, 0, TimeSpan.Zero);
    public static readonly AggregateId conferenceId = new("c0ffee");

    public static readonly OperatorPolicy policy = new()
    {
        ConferenceFactory = factory,
        ReleaseVersion = "IM-serv/OMA1.0 ImSidecar/test",
        MsrpHost = "192.0.2.1",
        MsrpPort = 2855,
        Barred = [mallory.PersonKey],
        GroupDomain = "groups.example.com",
        AccessWithdrawn = AccessWithdrawn.Remove,
    };

    public static readonly Facts NoFacts = new() { Now = start, Entropy = new byte[32], Operator = policy };

    public static SipUri Uri(string text) =>
        SipUri.TryParse(text, out var uri) ? uri : throw new FormatException(text);

    public static NameAddress Address(string text) =>
        NameAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    public static Facts With(OperatorPolicy changed) => NoFacts with { Operator = changed };

    /// <summary>A settled session: the first one invited the others, all of them accepted.</summary>
    public static Conference AdHocConference(params SipUri[] participants) =>
        Scene.Settled(NoFacts, participants).Conference!;

    public static InviteRequest Invite(SipUri from, params SipUri[] to) =>
        new(Head("INVITE", from, factory) with { Contact = ContactOf(from) })
        {
            Offer = Sdp(from),
            RecipientList = List([.. to.Select(each => each.Text)]),
        };

    public static readonly SipUri skiers = Uri("sip:skiers@groups.example.com");

    /// <summary>The group of alice, bob and carol; members may join, start and watch.</summary>
    public static readonly GroupXml GroupOfThree = new(skiers.Text, alice.Text, bob.Text, carol.Text);

    public static Facts With(GroupXml group) => NoFacts with { Group = Known(group) };

    /// <summary>What the XDMS says of the group.</summary>
    public static GroupFacts Known(GroupXml group)
    {
        var text = Encoding.UTF8.GetBytes($"{group}");
        Assert.True(GroupDocumentXml.TryParse(text, out var documents, out var error), error);
        return GroupFacts.Of(ResolvedGroup.Expand(
            Assert.Single(documents), new Dictionary<DocumentSelector, ReferencedDocument>()).Resolved!);
    }

    public static InviteRequest InviteGroup(SipUri from) =>
        new(Head("INVITE", from, skiers) with { Contact = ContactOf(from) }) { Offer = Sdp(from) };

    /// <summary>An INVITE to the session of <see cref="conferenceId"/>, in a dialog of its own.</summary>
    public static InviteRequest Rejoin(SipUri from, SipUri? session = null) =>
        new(Head("INVITE", from, session ?? Uri("sip:c0ffee@im.example.com")) with
        {
            Transaction = "t-rejoin-" + from.User,
            CallId = "rejoin-of-" + from.User,
            LocalTag = "rejoin-" + from.User,
            Contact = ContactOf(from),
        })
        {
            Offer = Sdp(from),
        };

    public static SubscribeRequest Subscribe(SipUri from, int? expires = null) =>
        new(Head("SUBSCRIBE", from, Uri("sip:c0ffee@im.example.com")) with
        {
            Transaction = "t-subscribe-" + from.User,
            CallId = "subscription-of-" + from.User,
            Contact = ContactOf(from),
        })
        {
            Event = "conference",
            Expires = expires,
        };

    /// <summary>A request inside the dialog of a leg.</summary>
    public static RequestHead Inside(Leg leg, SipUri from, string method, long? cseq = null) =>
        Head(method, from, Uri("sip:c0ffee@im.example.com")) with
        {
            Transaction = $"t-{method}-{from.User}",
            From = new(from, null, ";tag=" + leg.RemoteTag),
            To = new(factory, null, ";tag=" + leg.LocalTag),
            LocalTag = leg.LocalTag,
            CallId = leg.CallId,
            CSeq = cseq ?? Math.Max(leg.RemoteCSeq, 0) + 1,
        };

    public static ByeRequest Bye(Participant participant) =>
        new(Inside(participant.Leg, participant.Address, "BYE"));

    public static ReinviteRequest Reinvite(Participant participant, ReadOnlyMemory<byte>? offer = null) =>
        new(Inside(participant.Leg, participant.Address, "INVITE")) { Offer = offer };

    public static RequestHead Head(string method, SipUri from, SipUri uri) => new()
    {
        Transaction = $"t-{method}-{from.User}",
        Method = method,
        Uri = uri,
        From = new(from, null, ";tag=from-" + from.User),
        To = new(uri),
        CallId = $"call-of-{from.User}",
        CSeq = 1,
        LocalTag = "local-" + from.User,
        Identities = [new(from)],
    };

    public static T With<T>(this T request, string name, string value)
        where T : ImRequest =>
        request.WithHead(head => head with { Headers = head.Headers.With(name, value) });

    public static T WithHead<T>(this T request, Func<RequestHead, RequestHead> change)
        where T : ImRequest =>
        (T)(request with { Head = change(request.Head) });

    public static NameAddress ContactOf(SipUri user) =>
        Address($"<sip:{user.User}@192.0.2.10:5060;transport=tcp>;+g.oma.sip-im");

    public static byte[] Sdp(
        SipUri user,
        string types = "message/cpim text/plain",
        string? wrapped = "text/plain",
        string? setup = "actpass",
        string protocol = "TCP/MSRP",
        int port = 7394)
    {
        var scheme = protocol.Contains("TLS", StringComparison.Ordinal) ? "msrps" : "msrp";
        var text = new StringBuilder()
            .Append("v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n")
            .Append($"m=message {port} {protocol} *\r\na=accept-types:{types}\r\n")
            .Append(wrapped is null ? "" : $"a=accept-wrapped-types:{wrapped}\r\n")
            .Append($"a=path:{scheme}://192.0.2.10:7394/leg-of-{user.User};tcp\r\n")
            .Append(setup is null ? "" : $"a=setup:{setup}\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public static byte[] List(params string[] uris)
    {
        var entries = string.Concat(uris
            .Select(uri => uri.Replace("&", "&amp;", StringComparison.Ordinal))
            .Select(uri => $"<entry uri=\"{uri}\"/>"));
        return Encoding.UTF8.GetBytes(
            $"<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>{entries}</list></resource-lists>");
    }

    /// <summary>A response to our INVITE as a callee sends it.</summary>
    public static SipResponse Response(
        SendRequest invite, int code, string tag = "callee", ReadOnlyMemory<byte> body = default) =>
        new(new(code, "Reason"), SipHeaders.Of(
            ("From", invite.Request.From + ";tag=" + invite.Request.FromTag),
            ("To", invite.Request.To + ";tag=" + tag),
            ("Call-ID", invite.Request.CallId),
            ("CSeq", "1 INVITE"),
            ("Contact", $"<sip:{invite.Request.Uri.User}@192.0.2.20:5060;transport=tcp>;+g.oma.sip-im"),
            ("Record-Route", "<sip:ours.example.com;lr>, <sip:theirs.example.com;lr>")), body);

    public static SipResponse With(this SipResponse response, string name, string value) =>
        response with { Headers = response.Headers.With(name, value) };

    public static string Text(this ReadOnlyMemory<byte> body) => Encoding.UTF8.GetString(body.Span);
}
