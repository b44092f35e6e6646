using System.Text;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>Input that no session can be made of: the right code, a Warning, nothing half-created.</summary>
public class BadInputTests(DemoProfile profile) : Flow(profile)
{
    [Fact]
    public async Task A_bomb_gets_413()
    {
        var answer = await Invite(Bodies.Multipart(Bodies.Offer, Bodies.Bomb(), "deflate"));

        Assert.Equal((413, "Decoded body is too large"), (answer.Status, WarningOf(answer)));
    }

    [Fact]
    public async Task A_list_with_a_DTD_gets_400()
    {
        var list = Bodies.List.Replace("<resource-lists ", "<!DOCTYPE x [<!ENTITY a \"b\">]>\n<resource-lists ");

        Assert.Equal(400, (await Invite(Bodies.Multipart(list: list))).Status);
    }

    [Theory]
    [InlineData("<resource-lists")]
    [InlineData("<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list/></resource-lists>")]
    [InlineData("<other/>")]
    public async Task A_list_that_names_nobody_gets_400(string list) =>
        Assert.Equal(400, (await Invite(Bodies.Multipart(list: list))).Status);

    [Fact]
    public async Task An_offer_without_MSRP_gets_488_and_what_we_support()
    {
        var audio = Bodies.Offer.Replace("m=message 9 TCP/MSRP *", "m=audio 9 RTP/AVP 0");

        var answer = await Invite(Bodies.Multipart(audio));

        Assert.Equal(488, answer.Status);
        Assert.Contains("MSRP", WarningOf(answer), StringComparison.Ordinal);
        Assert.Equal("application/sdp", answer["Content-Type"]);
        Assert.Contains("m=message 2855 TCP/MSRP *\r\n", answer.Text, StringComparison.Ordinal);
        Assert.Contains("a=accept-types:message/cpim text/plain\r\n", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_multipart_gets_415()
    {
        var answer = await Invite(Bodies.Multipart(subtype: "related"));

        Assert.Equal(415, answer.Status);
        Assert.Contains("application/resource-lists+xml", answer["Accept"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_body_type_gets_415()
    {
        var answer = await Invite(("text/plain", "hello"u8.ToArray()));

        Assert.Equal(415, answer.Status);
        Assert.Contains("application/sdp", answer["Accept"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_coding_gets_415()
    {
        var answer = await Invite(Bodies.Multipart(Bodies.Offer, Encoding.UTF8.GetBytes(Bodies.List), "compress"));

        Assert.Equal(415, answer.Status);
        Assert.Contains("deflate", answer["Accept-Encoding"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_multipart_without_its_boundary_gets_400() =>
        Assert.Equal(400, (await Invite(("multipart/mixed;boundary=nowhere", "no part"u8.ToArray()))).Status);

    [Fact]
    public async Task A_required_extension_we_do_not_know_gets_420()
    {
        var alice = await Register("alice");

        var answer = await Refusal(
            alice, ["sip:bob@example.com"], new() { Headers = [("Require", "recipient-list-invite, teleport")] });

        Assert.Equal((420, "teleport"), (answer.Status, answer["Unsupported"]));
    }

    [Fact]
    public async Task An_unknown_method_gets_405()
    {
        var alice = await Register("alice");

        var answer = await Within(alice.SendAsync(alice.CreateRequest("PUBLISH", DemoProfile.Factory)));

        Assert.Equal(405, answer.Status);
        Assert.True(answer.Lists("Allow", "SUBSCRIBE"));
    }

    // Bob must not ring, and must be free for the next session.
    private async Task<SipMessage> Invite((string, ReadOnlyMemory<byte>) body)
    {
        var (alice, bob, _) = await RegisterThree();
        var answer = await Refusal(alice, [bob.AddressOfRecord], new() { RawBody = body });
        Assert.False(bob.IncomingCalls.TryPeek(out _));
        Assert.NotNull(WarningOf(answer));

        await Group.StartAsync(alice, [bob]);
        return answer;
    }
}
