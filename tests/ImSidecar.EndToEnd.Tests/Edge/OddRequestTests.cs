using ImSidecar.Client.Sip;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Edge;

/// <summary>Via, Contact, Max-Forwards and Event as nobody should send them.</summary>
public class OddRequestTests(DemoProfile profile) : Flow(profile)
{
    public static TheoryData<string> Vias =>
    [
        "SIP/2.0/UDP VICTIM;branch=BRANCH",
        "SIP/2.0/UDP VICTIM;rport;branch=BRANCH",
        "SIP/2.0/UDP VICTIM;received=127.0.0.2;rport=9;branch=BRANCH",
        "SIP/2.0/UDP 127.0.0.1:5070;branch=BRANCH",
        "SIP/2.0/UDP 224.0.0.1;maddr=224.0.0.1;ttl=1;branch=BRANCH",
        "SIP/2.0/UDP 255.255.255.255;branch=BRANCH",
        "SIP/2.0/UDP nowhere.invalid;branch=BRANCH",
        "SIP/2.0/TCP VICTIM;branch=BRANCH",
        "SIP/2.0/UDP VICTIM;i=1;alias;branch=BRANCH",
    ];

    [Theory, MemberData(nameof(Vias))]
    public async Task An_answer_goes_where_its_request_came_from(string via)
    {
        using var victim = new Attacker(address: System.Net.IPAddress.Parse("127.0.0.2"));
        using var dave = new Attacker();
        Profile.Capture.Exempt(dave.Local.Port, "Via tricks", answersToo: true);
        var request = dave.Request("OPTIONS", DemoProfile.Factory);
        var top = via.Replace("VICTIM", victim.Local.ToString());

        var challenge = await AskAsync(request);
        var answer = await AskAsync(dave.Authorize(request, challenge));

        Assert.Equal((407, 200), (challenge.Status, answer.Status));
        await victim.AssertHeardNothingAsync();

        async Task<SipMessage> AskAsync(SipMessage question)
        {
            var sent = question.Clone().AddFirst("Via", "SIP/2.0/UDP " + victim.Local + ";branch=z9hG4bKsecond");
            return await dave.AskOnceAsync(sent.AddFirst("Via", top.Replace("BRANCH", Token.NewBranch())));
        }
    }

    [Fact]
    public async Task The_branch_of_another_transaction_disturbs_it_not()
    {
        var (alice, bob, _) = await RegisterThree();
        using var dave = new Attacker();
        var starting = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord]);
        var ringing = await Next(bob.IncomingCalls);
        var branches = new[]
        {
            starting.Request["Via"] is { } via ? SipMessage.Parameter(via, "branch") : null,
            ringing.Invite.Branch,
            alice.Trace.Last(record => record.Message.Method == "INVITE").Message.Branch,
        };

        foreach (var branch in branches.OfType<string>())
        {
            foreach (var method in (string[])["CANCEL", "ACK", "BYE", "OPTIONS"])
                await dave.SendAsync(dave.Request(method, DemoProfile.Factory).AddFirst("Via", dave.Via(branch)));
        }

        await dave.AssertHeardAnswersOnlyAsync();
        var call = await Within(ringing.AcceptAsync());
        Assert.NotNull(call);
        Assert.Equal(200, (await Within(starting.Final)).Status);
        await Within(call.Acknowledged);
    }

    [Theory]
    [InlineData("<sip:dave@127.0.0.1:9>, <sip:dave@127.0.0.1:10>")]
    [InlineData("*")]
    [InlineData("not a contact")]
    [InlineData("<sip:dave@>")]
    [InlineData("<tel:+15551>")]
    [InlineData("<mailto:dave@example.com>")]
    [InlineData("<sip:dave@127.0.0.1?Route=%3Csip:127.0.0.1:5070%3E>")]
    [InlineData(null)]
    public async Task A_Contact_that_no_dialog_can_have_gets_400(string? contact)
    {
        var bob = await Register("bob");
        var dave = Stranger("dave");

        var answer = await Refusal(dave, [bob.AddressOfRecord], new() { Headers = [("Contact", contact)] });

        Assert.Equal(400, answer.Status);
        Assert.Contains("Contact", WarningOf(answer), StringComparison.Ordinal);
        Assert.False(bob.IncomingCalls.TryPeek(out _));
    }

    [Theory]
    [InlineData("0", 483)]
    [InlineData("-1", 400)]
    [InlineData("many", 400)]
    public async Task A_wrong_Max_Forwards_is_refused(string value, int status)
    {
        using var dave = new Attacker();
        Profile.Capture.Exempt(dave.Local.Port, "Max-Forwards", answersToo: true);

        var answer = await dave.AskOnceAsync(
            dave.Request("OPTIONS", DemoProfile.Factory).Set("Max-Forwards", value));

        Assert.Contains(answer.Status, (int[])[status, 483]);
    }

    [Fact]
    public async Task One_hop_is_enough_for_us_and_a_missing_count_for_anybody()
    {
        using var dave = new Attacker();

        Assert.Equal(200, (await dave.AskAsync(
            dave.Request("OPTIONS", DemoProfile.Factory).Set("Max-Forwards", "1"))).Status);
        Assert.Equal(200, (await dave.AskAsync(
            dave.Request("OPTIONS", DemoProfile.Factory).Remove("Max-Forwards"))).Status);
    }

    [Fact]
    public async Task ACKs_of_no_dialog_cost_nobody_anything()
    {
        using var dave = new Attacker();
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);

        for (var i = 0; i < 3_000; i++)
        {
            await dave.SendAsync(dave.Request("ACK", group.SessionIdentity, toTag: "unheardof"));
            if (i % 500 == 0)
                Assert.Equal(200, await group.SayAsync(alice, "still here"));
        }

        Assert.Equal(200, (await Within(group[alice].ByeAsync())).Status);
        Assert.False(bob.IncomingCalls.TryPeek(out _));
    }

    [Fact]
    public async Task A_refresh_with_the_id_of_another_subscription_gets_481()
    {
        var (alice, bob, _) = await RegisterThree();
        var group = await Group.StartAsync(alice, [bob]);
        var watching = alice.Subscribe(group.SessionIdentity);
        Assert.Equal(200, (await Within(watching.Answered)).Status);

        using var dave = new Attacker("alice");
        var forged = watching.Dialog!.CreateRequest("SUBSCRIBE", 50)
            .Add("Event", "conference;id=other").Add("Expires", "0").Add("Contact", dave.Contact);

        Assert.Equal(481, (await dave.AskOnceAsync(forged)).Status);
        Assert.Equal(200, (await Within(watching.RefreshAsync(cseq: 60))).Status);
    }
}
