using System.Text;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>What carries the IM feature tag but goes to somebody else is handed back and relayed.</summary>
public class RelayTests(DemoProfile profile) : Flow(profile)
{
    [Fact]
    public async Task Two_handsets_call_each_other_directly()
    {
        var (alice, bob, _) = await RegisterThree();

        var calling = alice.Invite(bob.AddressOfRecord);
        var bobCall = await Group.AcceptAsync(bob);
        var aliceCall = await Within(calling.Answered);
        await Within(Task.WhenAll(aliceCall.Msrp!.Connected, bobCall.Msrp!.Connected));
        await Within(aliceCall.Msrp.SendAsync("text/plain", "directly"u8.ToArray()));
        var heard = await Next(bobCall.Msrp.Messages);
        Assert.Equal(200, (await Within(bobCall.ByeAsync())).Status);

        Assert.Equal("directly", heard.Text);
        Assert.Equal(bob.ContactUri, bobCall.SessionIdentity.Length > 0 ? aliceCall.SessionIdentity : "");
        Assert.Contains("<sip:alice@example.com>", bobCall.Invite["P-Asserted-Identity"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_mode_message_is_relayed()
    {
        var (alice, bob, _) = await RegisterThree();
        var message = alice.CreateRequest("MESSAGE", bob.AddressOfRecord)
            .Add("Accept-Contact", "*;+g.oma.sip-im")
            .WithBody("text/plain", Encoding.UTF8.GetBytes("one line"));

        Assert.Equal(200, (await Within(alice.SendAsync(message))).Status);

        Assert.Equal("one line", (await Next(bob.Messages)).Text);
    }
}
