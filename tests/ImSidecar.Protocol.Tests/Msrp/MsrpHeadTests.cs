using System.Buffers;
using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Protocol.Tests.Msrp;

/// <summary>RFC 4975 7.1 header fields.</summary>
public class MsrpHeadTests
{
    [Fact]
    public void A_send_tells_its_fields()
    {
        var head = ReadVector("rfc4975-no-reports.msrp").Head;

        Assert.Equal(MsrpMethod.Send, head.Method);
        Assert.Equal("d93kswow", head.TransactionId);
        Assert.Equal("12339sdqwer", head.MessageId);
        Assert.Equal("9di4eae923wzd", head.ToPath.Single().SessionId);
        Assert.Equal("example.com", head.FromPath.Single().Host);
        Assert.Equal(new ByteRange(1, 38, 38), head.Range);
        Assert.Equal(FailureReport.No, head.FailureReport);
        Assert.False(head.SuccessReport);
        Assert.Equal("text/plain", head.ContentType);
    }

    [Fact]
    public void A_report_tells_its_status()
    {
        var head = ReadVector("rfc4975-report.msrp").Head;

        Assert.Equal(MsrpMethod.Report, head.Method);
        Assert.Equal(200, head.ReportStatus);
        Assert.False(head.HasBody);
    }

    [Theory]
    [InlineData("000 413 stop", 413), InlineData("000 200", 200), InlineData("001 413 other words", 0)]
    public void Of_a_status_in_another_namespace_nothing_is_known(string field, int status)
    {
        var report = Encoding.ASCII.GetString(MsrpVectors.Read("rfc4975-report.msrp"))
            .Replace("000 200 OK", field, StringComparison.Ordinal);
        var buffer = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(report));

        Assert.True(new MsrpFrameReader(maxBodyBytes: 100).TryRead(ref buffer, out var frame));

        Assert.Equal((MsrpFault.None, status), (frame.Head.Fault, frame.Head.ReportStatus));
    }

    [Fact]
    public void A_response_tells_its_code_and_fields_we_do_not_know()
    {
        var head = ReadVector("rfc4976-auth-200.msrp").Head;

        Assert.False(head.IsRequest);
        Assert.Equal(200, head.Status);
        Assert.Equal("900", head.Find("expires"));
        Assert.Equal("msrps://intra.example.com:9000/jui787s2f;tcp", head.Find("Use-Path"));
        Assert.Null(head.Find("Status"));
    }

    [Fact, Trait("Spec", "RFC 4975 9")]
    public void Field_names_and_report_values_have_no_case()
    {
        var head = Read(
            "MSRP a SEND\r\nto-path:msrp://b/1;tcp\r\nFROM-PATH:  msrp://a/2;tcp \r\nmessage-id: 452\r\n"
            + "success-report: YES\r\nfailure-report: Partial\r\nbyte-range: 1-*/*\r\n-------a$\r\n").Head;

        Assert.Equal(MsrpFault.None, head.Fault);
        Assert.Equal("msrp://a/2;tcp", Encoding.ASCII.GetString(head.FromPathBytes));
        Assert.True(head.SuccessReport);
        Assert.Equal(FailureReport.Partial, head.FailureReport);
        Assert.Equal(new ByteRange(1, null, null), head.Range);
    }

    [Theory]
    [InlineData("1-16/16", true)]
    [InlineData("1-0/0", true)]
    [InlineData("1-*/*", true)]
    [InlineData("999999999999999999-*/*", true)]
    [InlineData("0-1/1", false)]
    [InlineData("5-3/9", false)]
    [InlineData("1-2", false)]
    [InlineData("1/2-3", false)]
    [InlineData("*-2/3", false)]
    [InlineData("+1-2/3", false)]
    [InlineData("-1-2/3", false)]
    [InlineData("1-2/3/4", false)]
    [InlineData("9999999999999999999-*/*", false)]
    [InlineData("", false)]
    public void A_byte_range_is_read_and_written(string text, bool isValid)
    {
        Assert.Equal(isValid, ByteRange.TryParse(Encoding.ASCII.GetBytes(text), out var range));
        if (isValid)
            Assert.Equal(text, range.ToString());
    }

    private static MsrpFrame ReadVector(string name) => Read(Encoding.ASCII.GetString(MsrpVectors.Read(name)));

    private static MsrpFrame Read(string text)
    {
        var buffer = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(text));
        Assert.True(new MsrpFrameReader(10_000).TryRead(ref buffer, out var frame));
        return frame;
    }
}
