using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Gateway;

namespace ImSidecar.Server.Tests.Gateway;

/// <summary>REFER: one target, or a list in the body; RFC 3515 and RFC 5368.</summary>
public class ReferReaderTests
{
    private const string List = "application/resource-lists+xml";

    private const string Two = "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>"
        + "<entry uri=\"sip:bob@example.com;method=BYE\"/><entry uri=\"sip:carol@example.com?method=BYE\"/>"
        + "<entry uri=\"sip:bob@example.com:5060\"/></list></resource-lists>";

    [Theory]
    [InlineData("<sip:bob@example.com>", "sip:bob@example.com", "INVITE")]
    [InlineData("\"Bob\" <sip:bob@example.com;method=bye?Subject=x>", "sip:bob@example.com", "BYE")]
    [InlineData("sip:bob@example.com", "sip:bob@example.com", "INVITE")]
    [InlineData("<tel:+15551234>", "tel:+15551234", "INVITE")]
    public void One_target_is_read_without_method_and_headers(string referTo, string address, string method)
    {
        var request = Read("", ("Refer-To", referTo));

        var target = Assert.Single(request.Targets);
        Assert.Equal((address, method), (target.Address.Text, target.Method));
        Assert.Equal((false, null), (request.IsList, request.ReferSub));
    }

    [Fact]
    public void A_target_names_the_dialog_that_its_invitation_is_to_replace()
    {
        var request = Read("", ("Refer-To", "<sip:bob@example.com?Replaces=a84%3Bto-tag%3D1%3Bfrom-tag%3D2>"));

        Assert.Equal(new Replaces("a84", "1", "2"), Assert.Single(request.Targets).Replaces);
    }

    [Fact]
    public void A_list_is_read_by_its_content_id_each_user_once()
    {
        var request = Read(
            Two, ("Refer-To", "<cid:a%40b>"), ("Content-ID", "<a@b>"), ("Content-Type", List), ("Refer-Sub", "false"));

        Assert.Equal(
            ["sip:bob@example.com", "sip:carol@example.com"], request.Targets.Select(each => each.Address.Text));
        Assert.Equal(["BYE", "BYE"], request.Targets.Select(each => each.Method));
        Assert.Equal((true, false), (request.IsList, request.ReferSub));
    }

    [Fact]
    public void A_list_may_be_a_part_of_the_body()
    {
        var request = Read(
            "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
                + "--b\r\nContent-Type: " + List + "\r\nContent-ID: <a@b>\r\n\r\n" + Two + "\r\n--b--\r\n",
            ("Refer-To", "<cid:a@b>"), ("Content-Type", "multipart/mixed;boundary=b"));

        Assert.Equal(2, request.Targets.Length);
    }

    [Theory]
    [InlineData("", "Refer-To must occur once")]
    [InlineData("<sip:a@b>, <sip:c@d>", "Refer-To must occur once")]
    [InlineData("<http://example.com>", "Refer-To is malformed")]
    [InlineData("<cid:other@b>", "Refer-To names no list of the body")]
    [InlineData("<sip:a@b?Replaces=1>", "Refer-To holds a malformed Replaces")]
    public void What_names_no_target_gets_400(string referTo, string warning)
    {
        var refusal = Refuse(
            Two, ("Content-ID", "<a@b>"), ("Content-Type", List),
            referTo.Length == 0 ? ("X", "y") : ("Refer-To", referTo));

        Assert.Equal((400, warning), refusal);
    }

    [Theory]
    [InlineData("<resource-lists", "Recipient list is not well-formed XML without DTD")]
    [InlineData("<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"/>", "Recipient list names nobody")]
    [InlineData(
        "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list><entry uri=\"bob\"/></list>"
        + "</resource-lists>",
        "Recipient list holds a malformed URI")]
    public void A_list_that_cannot_be_used_gets_400(string body, string warning) =>
        Assert.Equal(
            (400, warning),
            Refuse(body, ("Refer-To", "<cid:a@b>"), ("Content-ID", "<a@b>"), ("Content-Type", List)));

    [Fact]
    public void A_refer_sub_that_is_neither_gets_400() =>
        Assert.Equal(
            (400, "Refer-Sub is malformed"), Refuse("", ("Refer-To", "<sip:bob@example.com>"), ("Refer-Sub", "maybe")));

    private static ReferRequest Read(string body, params (string, string)[] headers)
    {
        var (request, refusal) = SipEventReader.Read(SipEventReaderTests.Wire("REFER", body, headers));
        Assert.Null(refusal);
        return Assert.IsType<ReferRequest>(request);
    }

    private static (int, string?) Refuse(string body, params (string, string)[] headers)
    {
        var (_, refusal) = SipEventReader.Read(SipEventReaderTests.Wire("REFER", body, headers));
        return (refusal!.Status.Code, refusal.Warning);
    }
}
