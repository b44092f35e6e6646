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

    [Theory, Trait("Spec", "RFC 3325 7")]
    [InlineData("id")]
    [InlineData("header; ID;critical")]
    public async Task Who_asks_for_privacy_is_not_asserted_to_a_handset(string privacy)
    {
        var (alice, bob, _) = await RegisterThree();

        var calling = alice.Invite(bob.AddressOfRecord, new() { Headers = [("Privacy", privacy)] });
        var call = await Group.AcceptAsync(bob);
        await Within(calling.Answered);

        Assert.Null(call.Invite["P-Asserted-Identity"]);
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
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
