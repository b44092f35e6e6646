using System.Buffers;
using System.Text;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Protocol.Tests.Mime;

/// <summary>App. D.2 B: deferred messages as they are pushed, in every form, and as the appendix prints them.</summary>
public class DeferredReaderTests
{
    private static readonly DateTimeOffset _received = new(2026, 11, 20, 9, 30, 0, TimeSpan.Zero);

    [Fact, Trait("Spec", "IM D.2/B1")]
    public void A_stored_MESSAGE_gives_back_who_wrote_what_and_when()
    {
        var item = Read("msrp/im-d2-deferred-1.msrp");

        Assert.Equal(DeferredKind.PageMode, item.Kind);
        Assert.Equal(("sip:alice@example.com", "sip:bob@example.com"), (item.From, item.To));
        Assert.Equal(("asd88asd77a@192.0.2.10", null), (item.CallId, item.MessageId));
        Assert.Equal(_received, item.ReceivedAt);
        Assert.Equal(("text/plain", "Watson, come here."), (item.ContentType, Text(item)));
    }

    [Fact, Trait("Spec", "IM D.2/B2")]
    public void A_stored_SEND_with_the_INVITE_of_its_session_does_too()
    {
        var item = Read("msrp/im-d2-deferred-2.msrp");

        Assert.Equal(DeferredKind.Session, item.Kind);
        Assert.Equal(("sip:alice@example.com", "sip:bob@example.com"), (item.From, item.To));
        Assert.Equal(("3413an89KU@192.0.2.10", "45600001"), (item.CallId, item.MessageId));
        Assert.Equal(_received.AddSeconds(1), item.ReceivedAt);
        Assert.Equal(("text/plain", "Hi, Alice!  I'm Bob!"), (item.ContentType, Text(item)));
    }

    // D1, D4, D8, D16: indented, blank lines, a weekday that is not, three characters of Message-ID.
    [Fact, Trait("Spec", "IM D.2/B1")]
    public void The_first_example_is_read_as_it_is_printed()
    {
        var item = ReadPrinted("deferred/im-d2-literal-1.txt");

        Assert.Equal(DeferredKind.PageMode, item.Kind);
        Assert.Equal(("sip:user1@imserver.com", "sip:user2@imserver.com"), (item.From, item.To));
        Assert.Equal("asd88asd77a@1.2.3.4", item.CallId);
        Assert.Equal(new DateTimeOffset(2002, 2, 21, 13, 2, 3, TimeSpan.Zero), item.ReceivedAt);
        Assert.Equal("Watson, come here.", Text(item));
    }

    // D8, D10, D11, D12, D13, D15: parts without header fields, a half delimiter, a BYE of dots.
    [Fact, Trait("Spec", "IM D.2/B2")]
    public void The_second_example_is_read_as_it_is_printed()
    {
        var item = ReadPrinted("deferred/im-d2-literal-2.txt");

        Assert.Equal(DeferredKind.Session, item.Kind);
        Assert.Equal(("sip:user1@imserver.com", "sip:user2@imserver.com"), (item.From, item.To));
        Assert.Equal(("3413an89KU", "456"), (item.CallId, item.MessageId));
        Assert.Equal(new DateTimeOffset(2005, 2, 21, 13, 2, 4, TimeSpan.Zero), item.ReceivedAt);
        Assert.Equal(("text/plain", "Hi, Alice!  I'm Bob!"), (item.ContentType, Text(item)));
    }

    [Fact]
    public void Parts_are_found_by_what_they_are_and_others_are_passed_over()
    {
        var body = Crlf("""
            --b
            Content-Type: message/msrp

            MSRP abcd SEND
            Message-ID: 4567
            Content-Type: text/plain

            -------abcde$ is no end
            -------abcd$

            --b
            Content-Type: message/sip

            SIP/2.0 200 OK
            Call-ID: other

            --b
            Content-Type: message/sip

            BYE sip:bob@example.com SIP/2.0
            Call-ID: other

            --b
            Content-Type: message/sip

            INVITE sip:bob@example.com SIP/2.0
            f: "Alice A." <sip: alice@example.com >;tag=1
            t: bob@example.com
            i: mine
            Date: Fri, 20 Nov 2026 09:30:00 GMT

            --b--
            """);

        Assert.True(DeferredReader.TryRead("multipart/mixed;boundary=b", body, out var item));
        Assert.Equal(("sip:alice@example.com", "Alice A.", "sip:bob@example.com"), (item.From, item.FromName, item.To));
        Assert.Equal(("mine", "4567", _received), (item.CallId, item.MessageId, item.ReceivedAt));
        Assert.Equal("-------abcde$ is no end", Text(item));
    }

    [Fact]
    public void When_it_was_received_is_not_when_it_was_written()
    {
        var body = Crlf("""
            MESSAGE sip:bob@example.com SIP/2.0
            From: <sip:alice@example.com>;tag=1
            Date: Thu, 19 Nov 2026 09:30:00 GMT
            P-Im-Received: Fri, 20 Nov 2026 09:30:00 GMT

            hello
            """);

        Assert.True(DeferredReader.TryRead("message/sipfrag;version=2.0", body, out var item));
        Assert.Equal((_received, "hello"), (item.ReceivedAt, Text(item)));
    }

    [Fact]
    public void A_CPIM_message_says_it_in_its_own_fields()
    {
        var body = Crlf("""
            From: Alice <sip:alice@example.com>
            To: <sip:bob@example.com>
            DateTime: 2026-11-20T09:30:00.000Z
            NS: imdn <urn:ietf:params:imdn>
            imdn.Message-ID: 34jk324j8bXw

            Content-Type: text/plain; charset=utf-8

            Fresh snow
            """);

        Assert.True(DeferredReader.TryRead("message/cpim", body, out var item));
        Assert.Equal((DeferredKind.Cpim, "sip:alice@example.com", "Alice"), (item.Kind, item.From, item.FromName));
        Assert.Equal(("34jk324j8bXw", _received), (item.MessageId, item.ReceivedAt));
        Assert.Equal(("text/plain; charset=utf-8", "Fresh snow"), (item.ContentType, Text(item)));
    }

    [Theory]
    [InlineData("text/plain", "hello")]
    [InlineData("message/sip", "SIP/2.0 200 OK\r\nCall-ID: 1\r\n\r\n")]
    [InlineData("message/sip", "BYE sip:bob@example.com SIP/2.0\r\nCall-ID: 1\r\n\r\n")]
    [InlineData("message/msrp", "MSRP abcd 200 OK\r\n-------abcd$\r\n")]
    [InlineData("message/cpim", "no header")]
    [InlineData("multipart/mixed", "--b\r\n\r\n--b--")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--")]
    [InlineData("no type", "")]
    public void What_is_none_is_not_read(string type, string body) =>
        Assert.False(DeferredReader.TryRead(type, Encoding.ASCII.GetBytes(body), out _));

    [Fact]
    public void Damaged_ones_are_read_or_not_but_nothing_is_thrown()
    {
        foreach (var name in new[] { "msrp/im-d2-deferred-1.msrp", "msrp/im-d2-deferred-2.msrp" })
        {
            var (type, body) = Frame(name);
            for (var at = 0; at < body.Length; at++)
                _ = DeferredReader.TryRead(type, body.AsMemory(0, at), out _);

            var random = new Random(2);
            for (var round = 0; round < 3000; round++)
            {
                var damaged = body.ToArray();
                for (var i = random.Next(1, 6); i > 0; i--)
                    damaged[random.Next(damaged.Length)] = (byte)"\r\n-$ :;<>\0\xFFM"[random.Next(12)];

                _ = DeferredReader.TryRead(type, damaged, out _);
            }
        }
    }

    private static DeferredItem Read(string name)
    {
        var (type, body) = Frame(name);
        Assert.True(DeferredReader.TryRead(type, body, out var item));
        return item;
    }

    private static (string Type, byte[] Body) Frame(string name)
    {
        var buffer = new ReadOnlySequence<byte>(Vectors.Read(name));
        Assert.True(new MsrpFrameReader(64 * 1024).TryRead(ref buffer, out var frame));
        Assert.Equal(frame.Head.Range, new ByteRange(1, frame.Body.Length, frame.Body.Length));
        return (frame.Head.ContentType, frame.Body.ToArray());
    }

    // No parser takes an indented end-line for one; a peer that copies the text frames it right.
    private static DeferredItem ReadPrinted(string name)
    {
        var text = Encoding.UTF8.GetString(Vectors.Read(name));
        var head = text[..text.IndexOf("\r\n\r\n", StringComparison.Ordinal)];
        var type = head[(head.IndexOf("Content-Type:", StringComparison.Ordinal) + 13)..].Trim();
        Assert.True(DeferredReader.TryRead(type, Encoding.UTF8.GetBytes(text[(head.Length + 4)..]), out var item));
        return item;
    }

    private static string Text(DeferredItem item) => Encoding.UTF8.GetString(item.Content.Span);

    private static byte[] Crlf(string text) =>
        Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));
}
