using System.Text;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Protocol.Tests.Mime;

/// <summary>App. D.2 A step 8: an MSRP SEND as a body.</summary>
public class MessageMsrpTests
{
    private const string Head =
        "MSRP dkei38sd SEND\r\nTo-Path: msrp://b:1/s;tcp\r\nFrom-Path: msrp://a:1/s;tcp\r\nMessage-ID: 4560\r\n"
        + "Success-Report: yes\r\nByte-Range: 1-3/*\r\nContent-Type: text/plain\r\n";

    [Fact, Trait("Spec", "IM D.2/A8-c")]
    public void The_head_of_the_first_chunk_stays_but_for_the_range_and_what_is_added()
    {
        var whole = MessageMsrp.Write(Encoding.ASCII.GetBytes(Head), "hello"u8, new SipHeader("Date", "now"));

        Assert.Equal(
            "MSRP dkei38sd SEND\r\nTo-Path: msrp://b:1/s;tcp\r\nFrom-Path: msrp://a:1/s;tcp\r\nMessage-ID: 4560\r\n"
            + "Date: now\r\nSuccess-Report: yes\r\nByte-Range: 1-5/5\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
            + "-------dkei38sd$\r\n",
            Encoding.ASCII.GetString(whole));
        Assert.True(MessageMsrp.TryParse(whole, out var message));
        Assert.Equal(("dkei38sd", "hello"), (message.TransactionId, Encoding.ASCII.GetString(message.Body.Span)));
        Assert.Equal("4560", message.Headers.First("Message-ID"));
    }

    [Fact]
    public void Fields_that_it_lacks_stand_before_the_type_and_only_there()
    {
        var whole = MessageMsrp.Write(
            "MSRP dkei38sd SEND\r\nTo-Path: a\r\nContent-Type: text/plain\r\n"u8, ""u8, new SipHeader("Date", "now"));

        Assert.Equal(
            "MSRP dkei38sd SEND\r\nTo-Path: a\r\nDate: now\r\nByte-Range: 1-0/0\r\nContent-Type: text/plain\r\n\r\n\r\n"
            + "-------dkei38sd$\r\n",
            Encoding.ASCII.GetString(whole));
    }

    [Fact]
    public void A_body_that_holds_its_end_line_gets_another_transaction()
    {
        var body = "one\r\n-------dkei38sd$\r\ntwo"u8.ToArray();

        var whole = MessageMsrp.Write(Encoding.ASCII.GetBytes(Head), body);

        Assert.StartsWith("MSRP dkei38sdx1 SEND\r\n", Encoding.ASCII.GetString(whole), StringComparison.Ordinal);
        Assert.True(MessageMsrp.TryParse(whole, out var message));
        Assert.Equal(body, message.Body.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("MSRP  SEND\r\n\r\n")]
    [InlineData("MSRP a/b SEND\r\n\r\n")]
    [InlineData("MSRP abcd REPORT\r\n\r\n")]
    [InlineData("MSRP abcd SEND")]
    [InlineData("MSRP abcd SEND\r\nno field\r\n\r\n")]
    public void What_is_no_SEND_is_not_read(string text) =>
        Assert.False(MessageMsrp.TryParse(Encoding.ASCII.GetBytes(text), out _));
}
