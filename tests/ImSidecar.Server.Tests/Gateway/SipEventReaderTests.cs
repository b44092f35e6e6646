using System.Text;
using Google.Protobuf;
using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Gateway;
using ImSidecar.Server.Gateway.V1;

namespace ImSidecar.Server.Tests.Gateway;

/// <summary>From the bytes of the stream to a typed request, or to the response that refuses them.</summary>
public class SipEventReaderTests
{
    [Fact]
    public void A_subscribe_carries_its_event_and_its_duration()
    {
        var request = Assert.IsType<SubscribeRequest>(
            SipEventReader.Read(Wire("SUBSCRIBE", ("Event", "Conference;id=7"), ("Expires", "600"))).Request);

        Assert.Equal("conference", request.Event);
        Assert.Equal("7", request.EventId);
        Assert.Equal(600, request.Expires);
        Assert.Equal("their-tag", request.Dialog.RemoteTag);
        Assert.Equal("our-tag", request.Dialog.LocalTag);
    }

    [Theory]
    [InlineData("From", "sip:alice@example.com", "From is malformed")]
    [InlineData("From", "<sip:alice@>;tag=1", "From is malformed")]
    [InlineData("To", "<nonsense>", "To is malformed")]
    [InlineData("CSeq", "1 BYE", "CSeq is malformed")]
    [InlineData("CSeq", "99999999999 SUBSCRIBE", "CSeq is malformed")]
    [InlineData("CSeq", "-1 SUBSCRIBE", "CSeq is malformed")]
    [InlineData("Call-ID", "", "Call-ID is missing")]
    [InlineData("Contact", "<sip:a@b>, <sip:c@d>", "Contact is malformed")]
    [InlineData("Contact", "*", "Contact is malformed")]
    [InlineData("Contact", "<tel:+15551>", "Contact is malformed")]
    [InlineData("Contact", "<sip:a@b?Route=%3Csip:c%3E>", "Contact is malformed")]
    [InlineData("Expires", "soon", "Expires is malformed")]
    public void A_malformed_value_is_refused_with_its_name(string name, string value, string warning)
    {
        var refusal = Refusal(Wire("SUBSCRIBE", (name, value)));

        Assert.Equal(400, refusal.Status.Code);
        Assert.Equal(warning, refusal.Warning);
    }

    [Theory, Trait("Spec", "RFC 3891 3")]
    [InlineData("INVITE", "a84;to-tag=1;from-tag=2", 481)]
    [InlineData("INVITE", "a84;to-tag=1", 400)]
    [InlineData("SUBSCRIBE", "a84;to-tag=1;from-tag=2", 400)]
    public void Nobody_replaces_a_dialog_of_ours(string method, string value, int code) =>
        Assert.Equal(code, Refusal(Wire(method, ("Replaces", value), ("Event", "conference"))).Status.Code);

    [Fact, Trait("Spec", "RFC 3891 4")]
    public void We_do_not_claim_that_we_replace()
    {
        var refusal = Refusal(Wire("INVITE", ("Require", "replaces"), ("Replaces", "a84;to-tag=1;from-tag=2")));

        Assert.Equal((420, "replaces"), (refusal.Status.Code, refusal.Headers.First("Unsupported")));
        Assert.DoesNotContain("replaces", Capabilities.Extensions, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void An_address_without_scheme_is_read_only_by_a_lenient_reader()
    {
        var wire = Wire("INVITE", ("To", "Bob < bob@biloxi.com>"));
        wire.Uri = "conf-factory@im.example.com";

        Assert.Equal("Request-URI is malformed", Refusal(wire).Warning);
        var request = SipEventReader.Read(wire, isLenient: true).Request!;
        Assert.Equal("sip:conf-factory@im.example.com", request.Uri.Text);
        Assert.Equal("sip:bob@biloxi.com", request.To.Uri.Text);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void What_is_charged_only_the_core_says(bool isTrusted)
    {
        var wire = Wire(
            "INVITE", ("P-Charging-Vector", "icid-value=1"), ("p-charging-function-addresses", "ccf=a"),
            ("P-Access-Network-Info", "IEEE-802.11"), ("Subject", "x"));
        wire.Trusted = isTrusted;

        var headers = SipEventReader.Read(wire).Request!.Headers;

        Assert.Equal(isTrusted, headers.First("P-Charging-Vector") is not null);
        Assert.Equal(isTrusted, headers.First("P-Charging-Function-Addresses") is not null);
        Assert.Equal(isTrusted, headers.First("P-Access-Network-Info") is not null);
        Assert.Equal("x", headers.First("Subject"));
    }

    [Fact]
    public void A_route_set_has_an_end()
    {
        var routes = string.Join(",", Enumerable.Repeat("<sip:a.example.com;lr>", 400));

        Assert.Equal("Record-Route is too long", Refusal(Wire("INVITE", ("Record-Route", routes))).Warning);
    }

    [Fact]
    public void A_header_field_that_may_occur_once_and_does_twice_is_refused()
    {
        var wire = Wire("INVITE");
        wire.Headers.Add(Field("Content-Type", "application/sdp"));
        wire.Headers.Add(Field("c", "application/resource-lists+xml"));

        Assert.Equal("Content-Type occurs more than once", Refusal(wire).Warning);
    }

    [Fact]
    public void A_required_extension_we_lack_is_named()
    {
        var refusal = Refusal(Wire("INVITE", ("Require", "timer, 100rel, precondition")));

        Assert.Equal(420, refusal.Status.Code);
        Assert.Equal("100rel, precondition", refusal.Headers.First("Unsupported"));
    }

    [Fact]
    public void A_body_type_we_lack_is_refused_with_the_ones_we_take()
    {
        var refusal = Refusal(Wire("INVITE", "hello", ("Content-Type", "text/plain")));

        Assert.Equal(415, refusal.Status.Code);
        Assert.Equal(Capabilities.Bodies, refusal.Headers.First("Accept"));
    }

    [Fact]
    public void An_unknown_multipart_is_refused()
    {
        Assert.Equal(415, Refusal(Wire("INVITE", "x", ("Content-Type", "multipart/related;boundary=b"))).Status.Code);
    }

    [Fact]
    public void A_body_without_a_type_is_refused()
    {
        Assert.Equal("Content-Type is missing or malformed", Refusal(Wire("INVITE", "v=0")).Warning);
    }

    [Fact]
    public void An_optional_part_of_an_unknown_type_is_passed_over()
    {
        const string body = "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b\r\nContent-Type: text/html\r\n"
            + "Content-Disposition: render;handling=optional\r\n\r\n<p>\r\n--b--\r\n";

        var request = Assert.IsType<InviteRequest>(
            SipEventReader.Read(Wire("INVITE", body, ("Content-Type", "multipart/mixed;boundary=b"))).Request);

        Assert.Equal("v=0", Encoding.ASCII.GetString(request.Offer!.Value.Span));
        Assert.Null(request.RecipientList);
    }

    [Fact]
    public void Two_session_descriptions_are_refused()
    {
        const string part = "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n";

        var refusal = Refusal(Wire("INVITE", part + part + "--b--\r\n", ("Content-Type", "multipart/mixed;boundary=b")));

        Assert.Equal("Body holds two parts of type application/sdp", refusal.Warning);
    }

    [Fact]
    public void A_method_we_lack_is_told_from_one_we_have()
    {
        Assert.IsType<UnsupportedRequest>(SipEventReader.Read(Wire("PUBLISH")).Request);
        Assert.IsType<OptionsRequest>(SipEventReader.Read(Wire("OPTIONS")).Request);
        Assert.IsType<ByeRequest>(SipEventReader.Read(Wire("BYE")).Request);
    }

    internal static Request Wire(string method, params (string Name, string Value)[] headers) => Wire(method, "", headers);

    internal static Request Wire(string method, string body, params (string Name, string Value)[] headers)
    {
        var fields = new List<(string Name, string Value)>
        {
            ("From", "\"Alice\" <sip:alice@example.com>;tag=their-tag"),
            ("To", "<sip:conf-factory@im.example.com>"),
            ("Call-ID", "call-1"),
            ("CSeq", "1 " + method),
            ("Contact", "<sip:alice@127.0.0.1:6000>;+g.oma.sip-im"),
        };
        foreach (var header in headers)
        {
            fields.RemoveAll(field => field.Name == header.Name);
            fields.Add(header);
        }

        var wire = new Request
        {
            Transaction = "t1",
            Method = method,
            Uri = "sip:conf-factory@im.example.com",
            ToTag = "our-tag",
            Trusted = true,
            Identities = { "\"Alice\" <sip:alice@example.com>" },
            Body = ByteString.CopyFromUtf8(body),
        };
        wire.Headers.AddRange(fields.Select(field => Field(field.Name, field.Value)));
        return wire;
    }

    private static Header Field(string name, string value) => new() { Name = name, Value = ByteString.CopyFromUtf8(value) };

    private static Respond Refusal(Request wire)
    {
        var (request, refusal) = SipEventReader.Read(wire);
        Assert.Null(request);
        return refusal!;
    }
}
