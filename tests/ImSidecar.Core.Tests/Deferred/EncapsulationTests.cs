using System.Buffers;
using System.Text;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Tests;
using static ImSidecar.Core.Tests.Given;

namespace ImSidecar.Core.Tests.Deferred;

/// <summary>App. D.2 A step 8 and B: what is pushed, for each kind of client.</summary>
public class EncapsulationTests
{
    private static readonly AcceptedTypes _all = new(["*"], []);
    private static readonly AcceptedTypes _cpimOnly = new(["message/cpim"], ["text/plain"]);

    private static readonly SipHeaders _message = SipHeaders.Of(
        ("Via", "SIP/2.0/TCP proxy.example.com;branch=z9hG4bK1"),
        ("Via", "SIP/2.0/TCP pc1.example.com;branch=z9hG4bK776sgdkse"),
        ("Route", "<sip:term@im.example.com;lr>"),
        ("Max-Forwards", "70"),
        ("From", "<sip:alice@example.com>;tag=49583"),
        ("To", "<sip:bob@example.com>"),
        ("Call-ID", "asd88asd77a@192.0.2.10"),
        ("P-Asserted-Identity", "<sip:alice@example.com>"),
        ("CSeq", "1 MESSAGE"),
        ("Content-Type", "text/plain"),
        ("Content-Length", "18"));

    private static readonly SipHeaders _invite = SipHeaders.Of(
        ("Via", "SIP/2.0/TCP pc1.example.com;branch=z9hG4bK776sgdkse"),
        ("Max-Forwards", "70"),
        ("From", "<sip:alice@example.com>;tag=786"),
        ("To", "<sip:bob@example.com>"),
        ("Call-ID", "3413an89KU@192.0.2.10"),
        ("P-Asserted-Identity", "<sip:alice@example.com>"),
        ("CSeq", "1 INVITE"),
        ("Contact", "<sip:alice@pc1.example.com>"),
        ("Content-Type", "application/sdp"));

    private static readonly byte[] _offer = Crlf("""
        v=0
        o=- 2890844526 2890844527 IN IP4 pc1.example.com
        s=-
        c=IN IP4 pc1.example.com
        t=0 0
        m=message 7654 TCP/MSRP *
        a=accept-types:text/plain
        a=path:msrp://pc1.example.com:7654/jshA7weztas;tcp

        """);

    private static readonly byte[] _sendHead = Crlf("""
        MSRP dkei38sd SEND
        To-Path: msrp://im.example.com:12763/kjhd37s2s20w2a;tcp
        From-Path: msrp://pc1.example.com:7654/jshA7weztas;tcp
        Message-ID: 45600001
        Byte-Range: 1-*/20
        Content-Type: text/plain

        """);

    [Fact, Trait("Spec", "IM D.2/A8-a"), Trait("Spec", "IM D.2/A8-b"), Trait("Spec", "IM D.2/B1")]
    public void A_stored_MESSAGE_is_pushed_as_in_the_first_example()
    {
        var packed = Encapsulation.Of(PageMode(), _all, maxSize: null, DeferredEncapsulation.Auto, "x")!;

        var frame = Vector("msrp/im-d2-deferred-1.msrp");
        Assert.Equal(frame.Head.ContentType, packed.ContentType);
        Assert.Equal(Text(frame.Body), Text(packed.Body));
    }

    [Fact, Trait("Spec", "IM D.2/A8-a"), Trait("Spec", "IM D.2/A8-b"), Trait("Spec", "IM D.2/A8-c")]
    [Trait("Spec", "IM D.2/A8-d"), Trait("Spec", "IM D.2/B2")]
    public void A_stored_SEND_is_pushed_as_in_the_second_example()
    {
        var packed = Encapsulation.Of(Session(), _all, maxSize: null, DeferredEncapsulation.Auto, "boundary42")!;

        var frame = Vector("msrp/im-d2-deferred-2.msrp");
        Assert.Equal(frame.Head.ContentType, packed.ContentType);
        Assert.Equal(Text(frame.Body), Text(packed.Body));
    }

    [Fact, Trait("Spec", "IM D.2/A8-b")]
    public void What_is_not_whole_any_more_is_a_fragment()
    {
        var message = PageMode(_message.With("Privacy", "id")) with { IsAnonymous = true };

        var packed = Encapsulation.Of(message, _all, null, DeferredEncapsulation.Auto, "x")!;

        Assert.Equal("message/sipfrag;version=2.0", packed.ContentType);
        Assert.Null(Encapsulation.Of(message, new(["message/sip"], []), null, DeferredEncapsulation.Sip, "x"));
    }

    [Theory, Trait("Spec", "IM D.2/A8-b")]
    [InlineData("message/sip", "", "message/sip")]
    [InlineData("message/sipfrag", "", "message/sipfrag;version=2.0")]
    [InlineData("message/cpim message/sip", "*", "message/sip")]
    [InlineData("message/cpim", "*", "message/cpim")]
    [InlineData("message/cpim", "image/png", null)]
    [InlineData("text/plain", "", null)]
    public void A_MESSAGE_goes_as_the_client_takes_it(string types, string wrapped, string? expected) =>
        Assert.Equal(expected, Encapsulation.Of(
            PageMode(), new([.. types.Split(' ')], [.. wrapped.Split(' ')]), null, DeferredEncapsulation.Auto, "x")
            ?.ContentType);

    [Theory, Trait("Spec", "IM D.2/A8-b")]
    [InlineData("multipart/mixed message/sipfrag message/msrp", "", "multipart/mixed; boundary=\"x\"")]
    [InlineData("multipart/mixed", "message/sip message/msrp", "multipart/mixed; boundary=\"x\"")]
    [InlineData("message/cpim message/sipfrag", "*", "multipart/mixed; boundary=\"x\"")]
    [InlineData("message/cpim message/sipfrag", "text/plain", "message/cpim")]
    [InlineData("message/cpim", "message/msrp text/plain", "message/cpim")]
    [InlineData("message/msrp", "", null)]
    public void A_SEND_goes_as_the_client_takes_it(string types, string wrapped, string? expected) =>
        Assert.Equal(expected, Encapsulation.Of(
            Session(), new([.. types.Split(' ')], [.. wrapped.Split(' ')]), null, DeferredEncapsulation.Auto, "x")
            ?.ContentType);

    [Theory]
    [InlineData(DeferredEncapsulation.Auto, "message/sip message/sipfrag;version=2.0 message/cpim")]
    [InlineData(DeferredEncapsulation.Sip, "message/sip message/sipfrag;version=2.0")]
    [InlineData(DeferredEncapsulation.Cpim, "message/cpim")]
    public void The_operator_chooses_and_the_client_gets_the_next_form_if_it_refuses_one(
        DeferredEncapsulation mode, string expected) =>
        Assert.Equal(expected, string.Join(
            ' ', Encapsulation.FormsOf(PageMode(), _all, null, mode, "x").Select(each => each.ContentType)));

    [Fact]
    public void A_form_that_is_larger_than_the_client_takes_is_none()
    {
        var whole = Encapsulation.Of(PageMode(), _all, null, DeferredEncapsulation.Auto, "x")!.Body.Length;

        Assert.Equal(
            "message/sip", Encapsulation.Of(PageMode(), _all, whole, DeferredEncapsulation.Auto, "x")!.ContentType);
        Assert.Equal(
            "message/cpim", Encapsulation.Of(PageMode(), _all, whole - 1, DeferredEncapsulation.Auto, "x")!.ContentType);
        Assert.Null(Encapsulation.Of(PageMode(), _all, 10, DeferredEncapsulation.Auto, "x"));
    }

    [Fact]
    public void Content_that_was_no_CPIM_is_wrapped_with_who_wrote_it_and_when_it_came()
    {
        var message = Session() with { Notices = new("34jk324j8bXw", "", Delivery: true, NegativeDelivery: false) };

        var packed = Encapsulation.Of(message, _cpimOnly, null, DeferredEncapsulation.Auto, "x")!;

        Assert.Equal("message/cpim", packed.ContentType);
        Assert.Equal(
            "From: <sip:alice@example.com>\r\nTo: <sip:bob@example.com>\r\nDateTime: 2026-11-20T09:30:00.000Z\r\n"
            + "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: 34jk324j8bXw\r\n\r\nContent-Type: text/plain\r\n\r\n"
            + "Hi, Alice!  I'm Bob!",
            Text(packed.Body));
    }

    [Fact]
    public void The_name_of_the_sender_goes_with_it_and_who_hides_has_none()
    {
        var headers = SipHeaders.Of(
            ("From", "\"Alice A.\" <sip:alice@example.com>;tag=1"), ("Call-ID", "abc"), ("Content-Type", "text/plain"));
        var named = PageMode(headers);
        var hidden = PageMode(headers.With("Privacy", "id")) with { IsAnonymous = true };

        Assert.StartsWith("From: \"Alice A.\" <sip:alice@example.com>\r\n", Cpim(named), StringComparison.Ordinal);
        Assert.StartsWith(
            "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>\r\n", Cpim(hidden), StringComparison.Ordinal);
        Assert.DoesNotContain("alice", Cpim(hidden), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void CPIM_stays_as_it_came(bool isPageMode)
    {
        var cpim = Crlf("""
            From: "A" <sip:alice@example.com>
            To: <sip:bob@example.com>
            DateTime: 2026-11-19T09:30:00Z
            NS: imdn <urn:ietf:params:imdn>
            imdn.Disposition-Notification: display

            Content-type: text/plain

            Fresh snow
            """);
        var head = Encoding.ASCII.GetBytes(
            Encoding.ASCII.GetString(_sendHead).Replace("text/plain", "message/cpim", StringComparison.Ordinal));
        var content = isPageMode
            ? PageMode(SipHeaders.Of(("From", "<sip:alice@example.com>"), ("Content-Type", "message/cpim")), cpim)
            : Session(head, cpim);

        Assert.Equal(Text(cpim), Cpim(content));
        Assert.Null(Encapsulation.Of(
            content, new(["message/cpim"], ["image/png"]), null, DeferredEncapsulation.Auto, "x"));
    }

    [Fact]
    public void A_coded_body_is_pushed_only_in_the_form_that_says_so()
    {
        var message = PageMode(_message.With("Content-Encoding", "gzip"));

        Assert.Equal(
            "message/sip", Assert.Single(Encapsulation.FormsOf(
                message, new(["message/sip", "message/cpim"], ["*"]), null, DeferredEncapsulation.Auto, "x")).ContentType);
    }

    [Fact]
    public void A_boundary_that_occurs_in_a_part_is_not_taken()
    {
        var body = "--x\r\nhello"u8.ToArray();

        var packed = Encapsulation.Of(Session(_sendHead, body), _all, null, DeferredEncapsulation.Auto, "x")!;

        Assert.Equal("multipart/mixed; boundary=\"x1\"", packed.ContentType);
        Assert.True(DeferredReader.TryRead(packed.ContentType, packed.Body, out var item));
        Assert.Equal(body, item.Content.ToArray());
    }

    private static DeferredMessage PageMode(SipHeaders? headers = null, byte[]? body = null) => Message(new(
        StoredMessage.OfMessage(
            Request("MESSAGE", headers ?? _message), body ?? "Watson, come here."u8.ToArray(), start,
            headers?.First("Privacy") is not null),
        default));

    private static DeferredMessage Session(byte[]? head = null, byte[]? body = null) => Message(new(
        StoredMessage.OfInvite(Request("INVITE", _invite), _offer, start, false),
        StoredMessage.OfSend(head ?? _sendHead, body ?? "Hi, Alice!  I'm Bob!"u8.ToArray(), start.AddSeconds(1))));

    private static PassingRequest Request(string method, SipHeaders headers) =>
        new(Head(method, alice, bob) with { Headers = headers }) { Half = SessionCase.Terminating };

    private static DeferredMessage Message(DeferredContent content) => new()
    {
        User = "bob",
        Key = "k1",
        Recipient = bob,
        Sender = alice,
        ReceivedAt = start,
        ExpiresAt = start.AddDays(7),
        Content = content,
    };

    private static string Cpim(DeferredMessage message) =>
        Text(Encapsulation.Of(message, _cpimOnly, null, DeferredEncapsulation.Auto, "x")!.Body);

    private static MsrpFrame Vector(string name)
    {
        var buffer = new ReadOnlySequence<byte>(Vectors.Read(name));
        Assert.True(new MsrpFrameReader(64 * 1024).TryRead(ref buffer, out var frame));
        return frame;
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static byte[] Crlf(string text) => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));
}
