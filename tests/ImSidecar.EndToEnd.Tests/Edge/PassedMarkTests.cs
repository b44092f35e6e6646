using ImSidecar.Client;
using ImSidecar.Client.Sip;
using ImSidecar.Client.Sip.Transport;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Edge;

/// <summary>One Kamailio has both halves run; what it says of that stays on this side of the edge.</summary>
public class PassedMarkTests(DemoProfile profile) : Flow(profile)
{
    private const string Mark = "P-Im-Passed";

    protected override IReadOnlyList<string> Settings => ["--Participating:Domains:0=example.com"];

    [Fact]
    public async Task A_handset_is_not_told_whose_functions_it_went_through()
    {
        var (alice, bob, carol) = await RegisterThree();

        var calling = alice.Invite(bob.AddressOfRecord, new() { Headers = [(Mark, "orig;mark=0123")] });
        var called = await Group.AcceptAsync(bob);
        await Within(calling.Answered);
        Assert.Equal(200, (await Within(called.ByeAsync())).Status);
        var group = await Group.StartAsync(alice, [bob, carol]);
        Assert.Equal(200, await group.SayAsync(alice, "hello"));

        Assert.All(
            new[] { alice, bob, carol }.SelectMany(Received), message => Assert.Empty(message.List(Mark)));
    }

    [Theory]
    [InlineData(SipProtocol.Udp, "SIP/2.0/UDP 127.0.0.1;", "<sip:127.0.0.1;lr;")]
    [InlineData(SipProtocol.Tcp, "SIP/2.0/TCP 127.0.0.1;", "<sip:127.0.0.1;transport=tcp;lr;")]
    public async Task What_goes_on_leaves_by_the_side_it_came_in(SipProtocol transport, string via, string route)
    {
        var (alice, bob, _) = await RegisterThree(transport);

        var calling = alice.Invite(bob.AddressOfRecord);
        var called = await Group.AcceptAsync(bob);
        var call = await Within(calling.Answered);
        Assert.Equal(200, (await Within(call.ReinviteAsync())).Status);
        Assert.Equal(200, (await Within(called.ByeAsync())).Status);

        Assert.StartsWith(via, called.Invite.List("Via")[0], StringComparison.Ordinal);
        var recorded = Assert.Single(called.Invite.List("Record-Route"));
        Assert.StartsWith(route, recorded, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_gives_up_is_no_longer_heard_ringing()
    {
        var (alice, bob, _) = await RegisterThree();

        var calling = alice.Invite(bob.AddressOfRecord);
        var ringing = await Next(bob.IncomingCalls);
        await ringing.RingAsync();
        while ((await Next(calling.Provisionals)).Status != 180)
            continue;
        await Within(calling.CancelAsync());

        await Within(ringing.Cancelled);
        Assert.Equal(487, (await Within(calling.Final)).Status);
    }

    [Theory]
    [InlineData("orig")]
    [InlineData("term")]
    public async Task A_kamailio_that_is_its_own_next_hop_finds_the_loop(string half)
    {
        var (alice, bob) = (Stranger("alice"), await Register("bob"));
        var again = $"<sip:{half}@127.0.0.1:5070;lr>";
        var message = alice.CreateRequest("MESSAGE", bob.AddressOfRecord)
            .Add("P-Asserted-Identity", $"<{alice.AddressOfRecord}>")
            .Add("Route", again)
            .Add("Route", again)
            .WithBody("text/plain", "round and round"u8.ToArray());

        var answer = await Within(alice.SendAsync(message, Core));

        Assert.Equal((482, "ImSidecar has passed this request on before"), (answer.Status, WarningOf(answer)));
        Assert.Empty(Read(bob.Messages));
    }

    private static IEnumerable<SipMessage> Received(Handset handset) =>
        handset.Trace.Where(record => !record.IsOutgoing).Select(record => record.Message);
}
