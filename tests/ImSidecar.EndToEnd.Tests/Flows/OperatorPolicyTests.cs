using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>What the operator allows: who starts sessions, who is invited, and who records them.</summary>
public class OperatorPolicyTests(DemoProfile profile) : GroupFlow(profile)
{
    protected override IReadOnlyList<string> Settings =>
    [
        "--Controlling:MayStart:0=sip:alice@example.com",
        "--Controlling:MayStartGroups:0=sip:alice@example.com",
        "--Controlling:MayBeInvited:0=example.com",
        "--Controlling:HistoryFunctions:0=sip:dave@example.com",
    ];

    [Fact, Trait("Spec", "IM 7.2.2.3"), Trait("Spec", "IM 7.2.1.2/2")]
    public async Task Who_is_not_on_the_list_starts_no_session()
    {
        var (alice, bob, _) = await RegisterThree();

        var refused = await Refusal(bob, [alice.AddressOfRecord]);
        var group = await Group.StartAsync(alice, [bob]);

        Assert.Equal((403, "User may not start a session"), (refused.Status, WarningOf(refused)));
        Assert.NotEmpty(group.SessionIdentity);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/3-a"), Trait("Spec", "IM 7.2.1.3/3-b")]
    public async Task Nor_one_of_a_group_but_he_joins()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);

        var refused = await RefusedAsync(bob);
        await JoinAsync(alice);
        var joined = await JoinAsync(bob);

        Assert.Equal((403, "User may not start a session"), refused);
        Assert.NotEmpty(joined.SessionIdentity);
    }

    [Fact, Trait("Spec", "IM 7.2.2.2")]
    public async Task Nobody_is_invited_across_the_domains_that_are_named()
    {
        var alice = await Register("alice");

        var refused = await Refusal(alice, ["sip:bob@example.net"]);

        Assert.Equal((403, "User may not be invited"), (refused.Status, WarningOf(refused)));
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/3-i"), Trait("Spec", "IM 7.2.1.4/3-ii"), Trait("Spec", "IM 7.2.1.4/3-NOTE")]
    public async Task A_history_function_enters_a_full_group_when_an_entitled_user_has_sent_it()
    {
        var (alice, bob, carol) = await RegisterThree();
        var history = await Register("dave");
        await Owner.PutGroupAsync(new(Skiers, [.. AliceBobCarol, history.AddressOfRecord]) { MaxParticipants = 2 });
        await JoinAsync(alice);
        await JoinAsync(bob);

        var alone = await RefusedAsync(history);
        var sentByStranger =
            await RefusedAsync(history, new() { Headers = [("Referred-By", "<sip:erin@example.com>")] });
        var call = await JoinAsync(history, new() { Headers = [("Referred-By", "<sip:alice@example.com>")] });
        var another = await RefusedAsync(carol, new() { Headers = [("Referred-By", "<sip:alice@example.com>")] });

        Assert.Equal((486, "Too many participants"), alone);
        Assert.Equal((486, "Too many participants"), sentByStranger);
        Assert.Equal((486, "Too many participants"), another);
        Assert.NotEmpty(call.SessionIdentity);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public async Task A_history_function_is_seen_and_keeps_no_session()
    {
        var (alice, bob, _) = await RegisterThree();
        var history = await Register("dave");
        var group = await Group.StartAsync(alice, [bob, history]);
        var watching = alice.Subscribe(group.SessionIdentity);
        await Within(watching.Answered);

        await ReadUntil(watching, each => each.Document?.Users?.List
            .Any(user => user.Entity == history.AddressOfRecord) == true);
        await Within(group[bob].ByeAsync());
        await Within(group[alice].Ended);
        await Within(group[history].Ended);
    }
}
