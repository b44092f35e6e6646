using System.Text;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;

namespace ImSidecar.Protocol.Tests.Imdn;

/// <summary>What a CPIM message says of notifications, RFC 5438 6.</summary>
public class ImdnFieldsTests
{
    private static ImdnFields Read(string fields)
    {
        var text = $"From: <sip:alice@example.com>\r\nTo: <sip:bob@example.com>\r\n{fields}\r\n"
            + "Content-Type: text/plain\r\n\r\nHi";
        Assert.Equal(CpimResult.Read, CpimReader.Read(Encoding.UTF8.GetBytes(text), out var head));
        return ImdnFields.Read(head);
    }

    [Fact, Trait("Spec", "RFC 5438 6")]
    public void It_says_what_is_asked_for_and_the_way_back()
    {
        var fields = Read(
            "NS: x <urn:ietf:params:imdn>\r\nx.Message-ID: 34jk324j\r\n"
            + "x.Disposition-Notification: positive-delivery, Display\r\nx.IMDN-Record-Route: <sip:one@example.com>\r\n"
            + "x.IMDN-Record-Route: <sip:two@example.com>\r\n");

        Assert.Equal(("x", "34jk324j", 3), (fields.Prefix, fields.MessageId, fields.MessageIdField));
        Assert.True(fields.Wants("display") && fields.Wants("positive-delivery") && !fields.Wants("negative-delivery"));
        Assert.Equal(["sip:one@example.com", "sip:two@example.com"], fields.RecordRoute);
        Assert.Equal([5, 6], fields.RecordRouteFields);
    }

    [Fact]
    public void The_usual_prefix_needs_no_declaration_and_another_one_says_nothing()
    {
        Assert.Equal("1", Read("imdn.Message-ID: 1\r\n").MessageId);
        Assert.Null(Read("NS: x <urn:other>\r\nx.Message-ID: 1\r\n").MessageId);
        Assert.Null(Read("imdn.Message-ID: " + new string('1', 257) + "\r\n").MessageId);
    }
}
