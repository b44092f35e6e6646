using System.Net;
using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Edge;

/// <summary>A To tag saves no password: what belongs to no dialog that came this way ends here.</summary>
public class StrayRequestTests(DemoProfile profile) : Flow(profile)
{
    public static TheoryData<string, string> Requests
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var method in (string[])["INVITE", "BYE", "MESSAGE", "OPTIONS", "NOTIFY", "SUBSCRIBE"])
                data.Add(method, "");
            foreach (var route in (string[])
                ["<sip:127.0.0.1:5060;lr>", "<sip:127.0.0.1:5060;lr;seal=0123456789abcdef0123456789abcdef>",
                 "<sip:127.0.0.1:5060;lr;seal=>", "<sip:127.0.0.1:5060;lr>, <sip:VICTIM;lr>", "<sip:VICTIM;lr>",
                 "<sip:VICTIM>"])
                data.Add("MESSAGE", route);
            return data;
        }
    }

    [Theory, MemberData(nameof(Requests))]
    public async Task It_reaches_neither_a_registered_user_nor_a_third_party(string method, string route)
    {
        using var victim = new Attacker();
        using var dave = new Attacker();
        var bob = await Register("bob");

        foreach (var uri in (string[])[bob.AddressOfRecord, bob.ContactUri, $"sip:x@{victim.Local}"])
        {
            var request = dave.Request(method, uri, toTag: "unheardof").Add("Contact", dave.Contact);
            if (route.Length > 0)
                request.Add("Route", route.Replace("VICTIM", victim.Local.ToString()));
            if (method == "NOTIFY")
                request.Add("Event", "conference").Add("Subscription-State", "active");

            // 404 for what is addressed to the proxy itself.
            Assert.Contains((await dave.AskOnceAsync(request)).Status, (int[])[403, 404, 481]);
        }

        await victim.AssertHeardNothingAsync();
        Assert.DoesNotContain(bob.Trace, record => !record.IsOutgoing && record.Message.Method is not null);
    }

    [Theory]
    [InlineData("sip:x@localhost:5070")]
    [InlineData("sip:x@0.0.0.0:5070")]
    [InlineData("sip:x@224.0.0.1:5060")]
    [InlineData("sip:x@255.255.255.255")]
    public async Task Even_with_a_password_nobody_reaches_the_core_or_everybody(string uri)
    {
        using var dave = new Attacker();

        var answer = await dave.AskAsync(
            dave.Request("MESSAGE", uri).Add("P-Asserted-Identity", "<sip:alice@example.com>"));

        Assert.Contains(answer.Status, (int[])[404, 477]);
    }

    [Fact]
    public async Task A_maddr_is_no_way_to_the_core()
    {
        using var dave = new Attacker();
        using var elsewhere = new Attacker(address: IPAddress.Parse("127.9.9.9"), port: 5070);
        var request = dave.Request("MESSAGE", $"sip:x@{elsewhere.Local};maddr=127.0.0.1")
            .Add("P-Asserted-Identity", "<sip:alice@example.com>");
        var authorized = dave.Authorize(request, await dave.AskOnceAsync(request));

        await dave.SendAsync(authorized);
        var relayed = await elsewhere.ReceiveAsync();

        Assert.Equal(("MESSAGE", request.CallId), (relayed.Method, relayed.CallId));
        Assert.DoesNotContain("alice", relayed["P-Asserted-Identity"]);
        await elsewhere.SendAsync(SipMessage.Response(404).CopyFrom(relayed, "Via").CopyFrom(relayed, "From")
            .CopyFrom(relayed, "To").CopyFrom(relayed, "Call-ID").CopyFrom(relayed, "CSeq"));
        Assert.Equal(404, (await dave.AnswerAsync(authorized)).Status);
    }

    [Fact]
    public async Task An_ACK_is_relayed_within_its_dialog_only()
    {
        using var victim = new Attacker();
        using var dave = new Attacker();

        foreach (var route in (string[])["", "<sip:127.0.0.1:5060;lr>", $"<sip:{victim.Local};lr>"])
        {
            var ack = dave.Request("ACK", $"sip:x@{victim.Local}", toTag: "unheardof");
            await dave.SendAsync(route.Length > 0 ? ack.Add("Route", route) : ack);
        }

        await victim.AssertHeardNothingAsync();
    }

    [Fact]
    public async Task A_seal_holds_for_its_own_dialog_only()
    {
        using var victim = new Attacker();
        using var dave = new Attacker();
        var (alice, bob, _) = await RegisterThree();
        var calling = alice.Invite(bob.AddressOfRecord);
        await Group.AcceptAsync(bob);
        var call = await Within(calling.Answered);
        Assert.Contains("seal=", call.Dialog.RouteSet[0], StringComparison.Ordinal);

        var request = dave.Request("MESSAGE", $"sip:x@{victim.Local}", toTag: "unheardof");
        foreach (var route in call.Dialog.RouteSet)
            request.Add("Route", route);

        Assert.Equal(481, (await dave.AskOnceAsync(request)).Status);
        await victim.AssertHeardNothingAsync();
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
    }

    [Fact]
    public async Task A_reply_nobody_asked_for_is_not_passed_on()
    {
        using var victim = new Attacker();
        using var dave = new Attacker();

        foreach (var method in (string[])["MESSAGE", "SUBSCRIBE", "BYE"])
            await dave.SendAsync(
                $"""
                SIP/2.0 200 OK
                Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKcydb.0
                Via: SIP/2.0/UDP {victim.Local};branch=z9hG4bKforged
                From: <sip:a@example.com>;tag=1
                To: <sip:b@example.com>;tag=2
                Call-ID: nobody-asked
                CSeq: 1 {method}
                Content-Length: 0


                """.ReplaceLineEndings("\r\n"));

        await victim.AssertHeardNothingAsync();
    }
}
