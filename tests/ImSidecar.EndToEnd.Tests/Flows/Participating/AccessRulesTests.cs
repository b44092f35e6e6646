using ImSidecar.Client.Calls;
using ImSidecar.Client.Messages;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows.Participating;

/// <summary>Bob's block list and access rules, put by XCAP: who reaches him, at once.</summary>
public class AccessRulesTests(DemoProfile profile) : ServedFlow(profile)
{
    private const string Refused = "Refused by the user's choice";

    private static string Invites(string handling) => $"<poc:allow-invite>{handling}</poc:allow-invite>";

    [Fact]
    public async Task Who_is_blocked_reaches_him_no_more_and_everybody_else_does()
    {
        var (alice, bob, carol) = await RegisterThree();
        await BlockAsync(alice.AddressOfRecord);

        Assert.Equal((403, Refused), await RefusedAsync(alice, bob.AddressOfRecord));
        var message = await SendAsync(alice, bob.AddressOfRecord);
        Assert.Equal((403, Refused), (message.Status, WarningOf(message)));
        Assert.Equal(200, (await SendAsync(carol, bob.AddressOfRecord)).Status);

        await BlockAsync();
        Assert.Equal(200, (await SendAsync(alice, bob.AddressOfRecord)).Status);
        Assert.Empty(Read(bob.IncomingCalls));
    }

    [Fact]
    public async Task Who_is_blocked_does_not_reach_him_through_a_conference_either()
    {
        var (alice, bob, carol) = await RegisterThree();
        await BlockAsync(alice.AddressOfRecord);

        var calling = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord]);
        await Group.AcceptAsync(carol);
        await Within(calling.Answered);
        var alone = await Refusal(alice, [bob.AddressOfRecord]);

        Assert.Equal(403, alone.Status);
        Assert.Empty(Read(bob.IncomingCalls));
        await BlockAsync();
        await Group.StartAsync(carol, [bob]);
    }

    [Fact]
    public async Task Who_is_blocked_and_hides_does_not_reach_him_through_a_conference_or_a_list()
    {
        var (alice, bob, carol) = await RegisterThree();
        await BlockAsync(alice.AddressOfRecord);
        InviteOptions hiding = new() { Headers = [("Privacy", "id")] };

        var calling = alice.StartGroup(DemoProfile.Factory, [bob.AddressOfRecord, carol.AddressOfRecord], hiding);
        var call = await Group.AcceptAsync(carol);
        await Within(calling.Answered);
        var alone = await Refusal(alice, [bob.AddressOfRecord], hiding);
        var message = new MessageOptions
        {
            Recipients = [new(bob.AddressOfRecord), new(carol.AddressOfRecord)],
            Headers = hiding.Headers,
        };
        Assert.Equal(202, (await Within(alice.MessageAsync(DemoProfile.Factory, "who am I", message))).Status);
        await Next(carol.Messages);

        Assert.Equal(403, alone.Status);
        Assert.Empty(Read(bob.IncomingCalls));
        Assert.Empty(Read(bob.Messages));
        Assert.Equal(200, (await Within(call.ByeAsync())).Status);
        await BlockAsync();
    }

    [Fact]
    public async Task A_rule_that_accepts_has_his_phone_answer_and_one_that_does_not_has_it_ring()
    {
        await BlockAsync();
        var (alice, bob, _) = await RegisterThree();
        await RuleAsync(
            "<cr:identity><cr:one id=\"sip:alice@example.com\"/></cr:identity>",
            Invites("accept") + "<oxe:allow-auto-answermode>true</oxe:allow-auto-answermode>");

        Assert.Equal("Auto", await AnswerModeAsync(alice, null));
        await RuleAsync("", Invites("pass"));
        Assert.Null(await AnswerModeAsync(alice, "Auto"));

        async Task<string?> AnswerModeAsync(ImSidecar.Client.Handset caller, string? asked)
        {
            var calling = caller.Invite(bob.AddressOfRecord, new()
            {
                Headers = asked is null ? [] : [("Answer-Mode", asked)],
            });
            var call = await Group.AcceptAsync(bob);
            await Within(calling.Answered);
            Assert.Equal(200, (await Within(call.ByeAsync())).Status);
            return call.Invite["Answer-Mode"];
        }
    }

    [Fact]
    public async Task A_rule_that_rejects_refuses_in_his_place()
    {
        await BlockAsync();
        var (alice, bob, _) = await RegisterThree();
        await RuleAsync("<ocp:other-identity/>", Invites("reject"));

        Assert.Equal((403, Refused), await RefusedAsync(alice, bob.AddressOfRecord));
        await RuleAsync("", Invites("pass"));
        Assert.Equal(200, (await SendAsync(alice, bob.AddressOfRecord)).Status);
    }

    [Fact]
    public async Task A_rule_for_callers_who_hide_is_about_them_only()
    {
        await BlockAsync();
        var (alice, bob, _) = await RegisterThree();
        await RuleAsync("<ocp:anonymous-request/>", Invites("reject"));

        var hidden = await SendAsync(alice, bob.AddressOfRecord, "who am I", ("Privacy", "id"));

        Assert.Equal((403, Refused), (hidden.Status, WarningOf(hidden)));
        Assert.Equal(200, (await SendAsync(alice, bob.AddressOfRecord)).Status);
        await RuleAsync("", Invites("pass"));
    }
}
