using System.Buffers;
using System.Text;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Protocol.Tests.Cpim;

/// <summary>RFC 3862 header blocks.</summary>
public class CpimTests
{
    private const string Minimal = "From: <sip:alice@example.com>\r\nTo: <sip:g@groups.example.com>\r\n";

    [Fact]
    public void The_sample_of_a_group_message_is_read()
    {
        var body = Body("cpim-group.msrp");

        Assert.Equal(CpimResult.Read, CpimReader.Read(body, out var head));

        Assert.Equal("sip:alice@example.com", head.From.Uri);
        Assert.Equal("sip:skiers@groups.example.com", head.To.Single().Uri);
        Assert.True(head.HasDateTime);
        Assert.Equal("text/plain; charset=utf-8", head.ContentType);
        Assert.Equal("34jk324j8bXw", head.Find("imdn.Message-ID"));
        Assert.Equal("Fresh snow, who drives?", Encoding.UTF8.GetString(body.AsSpan(head.Length)));
    }

    [Fact, Trait("Spec", "RFC 4975 11.3")]
    public void A_content_type_among_the_message_headers_is_taken()
    {
        var body = Body("rfc4975-cpim-chunk-1.msrp");

        Assert.Equal(CpimResult.Read, CpimReader.Read(body, out var head));

        Assert.Equal(new CpimAddress("Alice", "sip:alice@example.com"), head.From);
        Assert.Equal("text/plain", head.ContentType);
        Assert.Equal("ABCD", Encoding.UTF8.GetString(body.AsSpan(head.Length)));
    }

    [Fact]
    public void A_block_is_not_read_before_its_end_is_here()
    {
        var body = Body("cpim-group.msrp");
        CpimReader.Read(body, out var head);

        for (var length = 0; length < head.Length; length++)
            Assert.Equal(CpimResult.NeedMore, CpimReader.Read(body.AsSpan(0, length), out _));

        Assert.Equal(CpimResult.Read, CpimReader.Read(body.AsSpan(0, head.Length), out _));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var message = new CpimMessage
        {
            From = new("Alice \"the\" \\ fox", "sip:alice@example.com"),
            To = [new("sip:bob@example.com")],
            DateTime = new(2026, 11, 20, 9, 30, 0, TimeSpan.FromHours(1)),
            Fields = [("NS", "imdn <urn:ietf:params:imdn>"), ("imdn.Message-ID", "x1")],
            Content = "hi"u8.ToArray(),
        };
        var output = new ArrayBufferWriter<byte>();

        message.WriteTo(output);

        Assert.Equal(CpimResult.Read, CpimReader.Read(output.WrittenSpan, out var head));
        Assert.Equal(message.From, head.From);
        Assert.Equal("2026-11-20T08:30:00.000Z", head.Find("DateTime"));
        Assert.Equal("x1", head.Find("imdn.Message-ID"));
        Assert.Equal("hi", Encoding.UTF8.GetString(output.WrittenSpan[head.Length..]));
    }

    [Theory]
    [InlineData(Minimal + "\r\n\r\n", Minimal)]
    [InlineData(Minimal + "NS: <urn:x>\r\nDateTime: x's own\r\n\r\n\r\n", Minimal)]
    [InlineData(
        "NS: <urn:x>\r\nNS: c <urn:ietf:params:cpim-headers:>\r\nc.From: <sip:a@b>\r\nc.To: <sip:c@d>\r\n\r\n\r\n", "")]
    public void A_header_can_be_put_in_where_no_other_namespace_holds(string block, string before)
    {
        Assert.Equal(CpimResult.Read, CpimReader.Read(Encoding.UTF8.GetBytes(block), out var head));

        Assert.False(head.HasDateTime);
        Assert.Equal(before, block[..head.InsertAt]);
    }

    [Theory]
    [InlineData("To: <sip:g@groups.example.com>\r\n\r\n\r\n")]
    [InlineData("From: <sip:alice@example.com>\r\n\r\n\r\n")]
    [InlineData("From: <sip:a@b>\r\n" + Minimal + "\r\n\r\n")]
    [InlineData("from: <sip:a@b>\r\n" + Minimal + "\r\n\r\n")]
    [InlineData(Minimal + "NS: c <urn:ietf:params:cpim-headers:>\r\nc.From: <sip:mallory@b>\r\n\r\n\r\n")]
    [InlineData(Minimal + "NS: <urn:x>\r\nFrom: <sip:mallory@b>\r\n\r\n\r\n")]
    [InlineData(
        "NS: c <urn:ietf:params:cpim-headers:>\r\nc.From: <sip:a@b>\r\nTo: <sip:c@d>\r\nNS: <urn:x>\r\nFrom: <sip:c@d>"
        + "\r\n\r\n\r\n")]
    [InlineData("From: sip:alice@example.com\r\nTo: <sip:b@c>\r\n\r\n\r\n")]
    [InlineData("From: <alice>\r\nTo: <sip:b@c>\r\n\r\n\r\n")]
    [InlineData(Minimal + "no colon\r\n\r\n\r\n")]
    [InlineData(Minimal + "Subject: a\nFrom: <sip:mallory@b>\r\n\r\n\r\n")]
    [InlineData(Minimal + "Subject: a\rFrom: <sip:mallory@b>\r\n\r\n\r\n")]
    [InlineData(Minimal + " folded\r\n\r\n\r\n")]
    [InlineData(Minimal + "NS: broken\r\n\r\n\r\n")]
    [InlineData(Minimal + "\r\nContent-Type: a/b\r\nContent-type: c/d\r\n\r\n")]
    public void A_block_that_is_not_right_is_refused(string block) =>
        Assert.Equal(CpimResult.Malformed, CpimReader.Read(Encoding.UTF8.GetBytes(block), out _));

    [Fact]
    public void Damaged_blocks_never_throw()
    {
        var random = new Random(3862);
        var original = Body("cpim-group.msrp");
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = original.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);

            CpimReader.Read(bytes.AsSpan(random.Next(0, 40), random.Next(bytes.Length - 40)), out _);
        }
    }

    private static byte[] Body(string vector)
    {
        var buffer = new ReadOnlySequence<byte>(Vectors.Read("msrp/" + vector));
        Assert.True(new MsrpFrameReader(10_000).TryRead(ref buffer, out var frame));
        return frame.Body.ToArray();
    }
}
