using System.Text;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using static ImSidecar.Core.Tests.Given;

namespace ImSidecar.Core.Tests.Deferred;

/// <summary>App. D.2 A step 8: what is kept of a message is what will be pushed.</summary>
public class StoredMessageTests
{
    private const string Line = "MESSAGE sip:bob@example.com SIP/2.0";

    private static readonly SipHeaders _hiding = SipHeaders.Of(
        ("Via", "SIP/2.0/TCP alice-phone.example.com;branch=z9hG4bK1"),
        ("Max-Forwards", "70"),
        ("From", "\"Alice\" <sip:alice@example.com>;tag=1"),
        ("To", "<sip:bob@example.com>"),
        ("Call-ID", "abc@192.0.2.10"),
        ("P-Asserted-Identity", "\"Alice\" <sip:alice@example.com>, <tel:+15551234567>"),
        ("CSeq", "1 MESSAGE"),
        ("Contact", "<sip:alice@192.0.2.10>"),
        ("User-Agent", "alice's phone"),
        ("Subject", "call me: +15551234567"),
        ("In-Reply-To", "70710@example.com"),
        ("Privacy", "id"),
        ("Content-Type", "message/cpim"));

    [Fact, Trait("Spec", "IM D.2/A8-a"), Trait("Spec", "IM D.2/A8-d")]
    public void The_fields_stay_as_they_came_and_the_reception_stands_behind_the_identity()
    {
        var stored = Text(OfMessage(Fields(("CSeq", "1 MESSAGE")), "hi"u8.ToArray(), start));

        Assert.Equal(
            "MESSAGE sip:bob@example.com SIP/2.0\r\nf: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\n"
            + "Call-ID: abc\r\nP-Asserted-Identity: <sip:alice@example.com>\r\nDate: Fri, 20 Nov 2026 09:30:00 GMT\r\n"
            + "CSeq: 1 MESSAGE\r\nContent-Length: 2\r\n\r\nhi",
            stored);
    }

    [Fact]
    public void What_only_hops_use_and_what_an_operator_tells_itself_is_left_out()
    {
        var headers = Fields(
            ("Via", "SIP/2.0/TCP proxy.example.com, SIP/2.0/TCP edge.example.com"),
            ("v", "SIP/2.0/TCP pc1.example.com"),
            ("Route", "<sip:term@im.example.com>"), ("Record-Route", "<sip:p1>"), ("Proxy-Authorization", "Digest x"),
            ("Authorization", "Digest y"), ("P-Charging-Vector", "icid-value=1"), ("P-Access-Network-Info", "cell"),
            ("P-Im-Passed", "seal"), ("P-Im-Received", "never"), ("Accept-Contact", "*;+g.oma.sip-im"),
            ("Max-Forwards", "66"), ("Subject", "hello"), ("l", "99"));

        var stored = Text(OfMessage(headers, "hi"u8.ToArray(), start));

        Assert.Equal(
            Line + "\r\nVia: SIP/2.0/TCP pc1.example.com\r\nf: <sip:alice@example.com>;tag=1\r\n"
            + "To: <sip:bob@example.com>\r\nCall-ID: abc\r\nP-Asserted-Identity: <sip:alice@example.com>\r\n"
            + "Date: Fri, 20 Nov 2026 09:30:00 GMT\r\nMax-Forwards: 66\r\nSubject: hello\r\n"
            + "Content-Length: 2\r\n\r\nhi",
            stored);
    }

    [Fact]
    public void A_date_of_the_sender_stays_and_the_reception_has_a_field_of_its_own()
    {
        var stored = OfMessage(
            Fields(("Date", "Thu, 19 Nov 2026 09:30:00 GMT")), "hi"u8.ToArray(), start);

        Assert.Contains("\r\nP-Im-Received: Fri, 20 Nov 2026 09:30:00 GMT\r\nDate: Thu, 19 Nov", Text(stored));
        Assert.True(DeferredReader.TryRead("message/sip", stored, out var item));
        Assert.Equal(start, item.ReceivedAt);
    }

    [Fact]
    public void Nothing_kept_of_a_MESSAGE_tells_who_hides()
    {
        var body = Crlf("""
            From: Alice <sip:alice@example.com>
            To: <sip:bob@example.com>
            imdn.IMDN-Record-Route: <sip:alice@example.com>
            imdn.Message-ID: 1234

            Content-Type: text/plain

            hello
            """);

        var stored = Text(OfMessage(_hiding, body, start));

        Assert.DoesNotContain("alice", stored, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("5551234567", stored);
        Assert.Contains("From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1\r\n", stored);
        Assert.Contains("Call-ID: abc@anonymous.invalid\r\nDate: Fri, 20 Nov 2026 09:30:00 GMT\r\nCSeq: 1", stored);
        Assert.Contains("In-Reply-To: 70710@example.com\r\n", stored);
        Assert.EndsWith(
            "\r\n\r\nFrom: <sip:anonymous@anonymous.invalid>\r\nTo: <sip:bob@example.com>\r\n"
            + "imdn.Message-ID: 1234\r\n\r\nContent-Type: text/plain\r\n\r\nhello",
            stored, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_CPIM_that_cannot_be_read_nothing_is_kept_for_who_hides()
    {
        var stored = Text(OfMessage(_hiding, "From: alice"u8.ToArray(), start));

        Assert.EndsWith("Content-Length: 0\r\n\r\n", stored, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM D.2/A8-d")]
    public void Of_an_INVITE_who_spoke_with_whom_and_how_is_kept()
    {
        var headers = Fields(
            ("Via", "SIP/2.0/TCP pc1"), ("Contact", "<sip:alice@pc1>"), ("s", "lunch"),
            ("b", "<sip:carol@example.net>"), ("Session-Expires", "1800"), ("Content-Type", "multipart/mixed;boundary=x"));

        var stored = Text(StoredMessage.OfInvite(Request("INVITE", headers), "v=0"u8.ToArray(), start, false));

        Assert.Equal(
            "INVITE sip:bob@example.com SIP/2.0\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\n"
            + "Call-ID: abc\r\nP-Asserted-Identity: <sip:alice@example.com>\r\nDate: Fri, 20 Nov 2026 09:30:00 GMT\r\n"
            + "Subject: lunch\r\nReferred-By: <sip:carol@example.net>\r\nContent-Type: application/sdp\r\n"
            + "Content-Length: 3\r\n\r\nv=0",
            stored);
    }

    [Fact]
    public void Nothing_kept_of_a_session_tells_who_hides()
    {
        var hidden = HiddenSender.Of(Request("INVITE", _hiding));
        var head = Crlf("""
            MSRP abcd SEND
            To-Path: msrp://im.example.com:2855/s1;tcp
            From-Path: msrp://alice-phone.example.com:7654/a1b2;tcp
            Message-ID: 45600001
            X-Who: sip:alice@example.com
            Content-Type: text/plain

            """);

        var invite = Text(StoredMessage.OfInvite(
            Request("INVITE", _hiding), "o=alice 1 1 IN IP4 192.0.2.10"u8.ToArray(), start, isAnonymous: true));
        var send = Text(StoredMessage.OfSend(head, "hello"u8.ToArray(), start, hidden));

        Assert.Equal(
            "INVITE sip:bob@example.com SIP/2.0\r\nFrom: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1\r\n"
            + "To: <sip:bob@example.com>\r\nCall-ID: abc@anonymous.invalid\r\n"
            + "Date: Fri, 20 Nov 2026 09:30:00 GMT\r\n\r\n",
            invite);
        Assert.DoesNotContain("alice", send, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("From-Path: msrp://anonymous.invalid/a1b2;tcp\r\nMessage-ID: 45600001\r\nDate: Fri, ", send);
    }

    [Fact]
    public void A_field_is_one_line_whatever_came()
    {
        var stored = Text(OfMessage(Fields(("Subject", "a\r\nX-Evil: 1\nX: 2")), default, start));

        Assert.Contains("\r\nSubject: a X-Evil: 1 X: 2\r\n", stored);
    }

    private static ReadOnlyMemory<byte> OfMessage(SipHeaders headers, ReadOnlyMemory<byte> body, DateTimeOffset at) =>
        StoredMessage.OfMessage(Request("MESSAGE", headers), body, at, headers.First("Privacy") is not null);

    private static PassingRequest Request(string method, SipHeaders headers) => new(Head(method, alice, bob) with
    {
        From = Address(headers.First("From")!),
        Identities = [.. headers.Values("P-Asserted-Identity").Select(Address)],
        Headers = headers,
    })
    {
        Half = SessionCase.Terminating,
    };

    private static SipHeaders Fields(params (string Name, string Value)[] more) => SipHeaders.Of(
    [
        ("f", "<sip:alice@example.com>;tag=1"), ("To", "<sip:bob@example.com>"), ("Call-ID", "abc"),
        ("P-Asserted-Identity", "<sip:alice@example.com>"), .. more,
    ]);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static byte[] Crlf(string text) => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));
}
