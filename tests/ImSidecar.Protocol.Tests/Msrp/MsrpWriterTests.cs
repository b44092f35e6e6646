using System.Buffers;
using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Protocol.Tests.Msrp;

/// <summary>RFC 4975 7.1, 7.2: what we write is what the parser reads, and what the vectors show.</summary>
public class MsrpWriterTests
{
    private static readonly MsrpPaths _paths = new([Uri("msrp://b.example.com:8888/s1;tcp")], Uri("msrp://a:1/s2;tcp"));

    [Fact]
    public void A_response_to_a_vector_is_the_vector_of_the_response()
    {
        var output = new ArrayBufferWriter<byte>();

        Assert.True(MsrpWriter.TryWriteResponse(output, ReadVector("cpim-group.msrp").Head, MsrpStatus.Ok));

        Assert.Equal(MsrpVectors.Read("cpim-group-200.msrp"), output.WrittenSpan.ToArray());
    }

    [Fact, Trait("Spec", "RFC 4975 7.2")]
    public void A_send_is_answered_to_the_next_hop_only()
    {
        var request = Read("MSRP a SEND\r\nTo-Path: msrp://me/1;tcp\r\n"
            + "From-Path: msrp://relay/2;tcp msrp://peer/3;tcp\r\nMessage-ID: m\r\n-------a$\r\n");

        var answer = Written(output => MsrpWriter.TryWriteResponse(output, request.Head, 415));
        var report = Written(output =>
            MsrpWriter.WriteReport(output, "t1", MsrpPaths.BackTo(request.Head), "m", new(1, 5, 5), 200));

        Assert.Equal("MSRP a 415 Unsupported Media Type\r\nTo-Path: msrp://relay/2;tcp\r\n"
            + "From-Path: msrp://me/1;tcp\r\n-------a$\r\n", answer);
        Assert.Equal("MSRP t1 REPORT\r\nTo-Path: msrp://relay/2;tcp msrp://peer/3;tcp\r\nFrom-Path: msrp://me/1;tcp\r\n"
            + "Message-ID: m\r\nByte-Range: 1-5/5\r\nStatus: 000 200 OK\r\n-------t1$\r\n", report);
    }

    [Fact]
    public void A_request_without_paths_cannot_be_answered()
    {
        var request = Read("MSRP a SEND\r\nMessage-ID: m\r\n-------a$\r\n");

        Assert.False(MsrpWriter.TryWriteResponse(new ArrayBufferWriter<byte>(), request.Head, 400));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var send = new MsrpSend
        {
            Paths = _paths,
            MessageId = "m1",
            Range = new(1, 3, 9),
            SuccessReport = true,
            FailureReport = FailureReport.Partial,
            ContentType = "text/plain",
        };

        var frame = Read(Written(output => MsrpWriter.WriteSend(output, "t1", send, "abc"u8, MsrpFlag.More)));

        Assert.Equal(MsrpFault.None, frame.Head.Fault);
        Assert.Equal("abc", Encoding.ASCII.GetString(frame.Body.Span));
        Assert.Equal(MsrpFlag.More, frame.Flag);
        Assert.Equal(send.Range, frame.Head.Range);
        Assert.True(frame.Head.SuccessReport);
        Assert.Equal(FailureReport.Partial, frame.Head.FailureReport);
        Assert.Equal("Content-Type", frame.Head.Fields.Last().Name);
    }

    [Fact]
    public void A_keep_alive_has_no_body()
    {
        var frame = Read(Written(output => MsrpWriter.WriteKeepAlive(output, _paths)));

        Assert.Equal(MsrpFault.None, frame.Head.Fault);
        Assert.False(frame.Head.HasBody);
        Assert.Equal("", frame.Head.ContentType);
    }

    [Theory]
    [InlineData("x\r\n-------taken1$\r\ny")]
    [InlineData("-------taken1$\r\ny")]
    public void A_transaction_identifier_is_not_taken_when_its_end_line_is_in_the_body(string body)
    {
        var idents = new Queue<string>(["taken1", "free1"]);

        Assert.Equal("free1", MsrpIdent.FreshFor(Encoding.ASCII.GetBytes(body), idents.Dequeue));
    }

    [Fact]
    public void A_fresh_identifier_follows_the_grammar_and_does_not_repeat()
    {
        var idents = Enumerable.Range(0, 1000).Select(_ => MsrpIdent.Fresh()).ToHashSet();

        Assert.Equal(1000, idents.Count);
        Assert.All(idents, each => Assert.True(MsrpIdent.IsValid(Encoding.ASCII.GetBytes(each))));
        Assert.All(idents, each => Assert.InRange(each.Length, 4, 32));
    }

    private static string Written(Action<ArrayBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }

    private static MsrpFrame ReadVector(string name) => Read(Encoding.ASCII.GetString(MsrpVectors.Read(name)));

    private static MsrpFrame Read(string text)
    {
        var buffer = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(text));
        Assert.True(new MsrpFrameReader(10_000).TryRead(ref buffer, out var frame));
        return frame;
    }

    private static MsrpUri Uri(string text)
    {
        Assert.True(MsrpUri.TryParse(text, out var uri));
        return uri;
    }
}
