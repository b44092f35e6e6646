using System.Text;
using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Flows;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Ims;

/// <summary>RFC 3312 11 and 3GPP TS 24.229 5.1.3: what an IMS handset says of its bearer and may ask.</summary>
public class PreconditionTests(ImsProfile profile) : ImsFlow(profile)
{
    private const string Bearer =
        "a=curr:qos local none\r\na=curr:qos remote none\r\na=des:qos mandatory local sendrecv\r\n"
        + "a=des:qos none remote sendrecv\r\n";

    [Theory]
    [InlineData("precondition")]
    [InlineData("100rel")]
    [InlineData("precondition, 100rel")]
    public async Task What_a_peer_requires_and_we_lack_is_named(string required)
    {
        var alice = await BehindProxy("alice");

        var answer = await Within(alice.StartGroup(
            DemoProfile.Factory, ["sip:bob@example.com"],
            new() { Headers = [("Require", "recipient-list-invite, " + required)] }).Final);

        Assert.Equal((420, required), (answer.Status, answer["Unsupported"]));
        Assert.NotNull(answer["Warning"]);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/ims")]
    public async Task Who_only_supports_them_is_answered_as_by_one_who_does_not()
    {
        var alice = await BehindProxy("alice");
        var bob = await AtTheEdge("bob");
        var offer = Bodies.Offer.TrimEnd() + "\r\n" + Bearer;

        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord], new()
        {
            Headers = [("Supported", "timer, precondition, 100rel"), ("Require", "recipient-list-invite")],
            RawBody = Bodies.Multipart(offer, Bodies.List),
            Offer = SdpOffer.None,
        });
        var invite = (await Within((await Next(bob.IncomingCalls)).AcceptAsync()))!.Invite;
        var answer = await Within(starting.Final);

        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain("qos", Encoding.UTF8.GetString(answer.SdpBody.Span), StringComparison.Ordinal);
        Assert.DoesNotContain("qos", Encoding.UTF8.GetString(invite.SdpBody.Span), StringComparison.Ordinal);
        Assert.False(answer.Lists("Require", "precondition"));
        Assert.False(answer.Lists("Supported", "precondition"));
    }
}
