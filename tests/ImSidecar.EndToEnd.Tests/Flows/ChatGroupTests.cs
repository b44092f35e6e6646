using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>IM 7.2.1.4: a pre-defined group that invites nobody; who may, joins.</summary>
public class ChatGroupTests(DemoProfile profile) : GroupFlow(profile)
{
    [Fact, Trait("Spec", "IM 7.2.1.4/8")]
    public async Task The_first_opens_the_session_and_the_others_meet_him_there()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);

        var first = await JoinAsync(alice);
        var second = await JoinAsync(bob);
        var third = await JoinAsync(carol);
        var group = Group.Of((alice, first), (bob, second), (carol, third));
        await group.ConnectedAsync();
        Assert.Equal(200, await group.SayAsync(bob, "snow"));

        Assert.Equal("snow", (await group.HearAsync(alice)).Text);
        Assert.Equal("snow", (await group.HearAsync(carol)).Text);
        Assert.Equal(first.SessionIdentity, second.SessionIdentity);
        Assert.Contains($"<{Skiers}>", second.Answer["P-Asserted-Identity"], StringComparison.Ordinal);
        Assert.Contains(";isfocus", second.Answer["Contact"], StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/2-a")]
    public async Task A_stranger_is_told_which_rule_refuses_him()
    {
        var alice = await Register("alice");
        var erin = await Register("erin");
        await Owner.PutGroupAsync(GroupOfThree);
        await JoinAsync(alice);

        var (status, warning) = await RefusedAsync(erin);

        Assert.Equal(403, status);
        Assert.Contains("join-handling", warning, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/3-ii")]
    public async Task A_full_group_takes_nobody_until_its_limit_is_raised()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree with { MaxParticipants = 2 });
        await JoinAsync(alice);
        await JoinAsync(bob);

        var (status, warning) = await RefusedAsync(carol);
        await Owner.PutGroupAsync(GroupOfThree with { MaxParticipants = 3 });
        var joined = await JoinAsync(carol);

        Assert.Equal((486, "Too many participants"), (status, warning));
        Assert.NotEmpty(joined.SessionIdentity);
    }

    [Fact, Trait("Spec", "IM 7.2.1.3/1")]
    public async Task A_group_without_document_does_not_exist()
    {
        var alice = await Register("alice");

        Assert.Equal((404, "Conference URI does not exist"), await RefusedAsync(alice));
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/1")]
    public async Task A_focus_does_not_join()
    {
        var alice = await Register("alice");
        await Owner.PutGroupAsync(GroupOfThree);

        var answer = await RefusedAsync(alice, new()
        {
            Headers = [("Contact", $"<{alice.ContactUri}>;isfocus;+g.oma.sip-im")],
        });

        Assert.Equal((403, "isfocus already assigned"), answer);
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/4"), Trait("Spec", "IM 7.9.1.1.4/5")]
    public async Task The_roster_is_for_whom_the_document_lets_watch()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree with
        {
            Rules = GroupXml.OfMembers.Replace(
                "<allow-conference-state>true", "<allow-conference-state>false", StringComparison.Ordinal)
                + GroupXml.Rule(
                    "owner", "sip:alice@example.com",
                    "<join-handling>true</join-handling><allow-initiate-conference>true</allow-initiate-conference>"
                    + "<allow-conference-state>true</allow-conference-state>"),
        });
        await JoinAsync(alice);
        await JoinAsync(bob);

        var owner = alice.Subscribe(Skiers);
        Assert.Equal(200, (await Within(owner.Answered)).Status);
        var told = await Next(owner.Notifications);
        var refused = await Within(bob.Subscribe(Skiers).Answered);

        Assert.Equal(Skiers, told.Document!.Entity);
        Assert.Equal(403, refused.Status);
        Assert.Contains("allow-conference-state", WarningOf(refused), StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.5/2-a")]
    public async Task Who_lost_his_session_comes_back_by_its_identity_and_another_does_not()
    {
        var (alice, bob, _) = await RegisterThree();
        var erin = await Register("erin");
        await Owner.PutGroupAsync(GroupOfThree);
        var first = await JoinAsync(alice);
        await JoinAsync(bob);

        var again = await Within(bob.Invite(first.SessionIdentity).Answered);
        var refused = await Within(erin.Invite(first.SessionIdentity).Final);

        Assert.Equal(first.SessionIdentity, again.SessionIdentity);
        Assert.Equal(403, refused.Status);
    }

    [Fact]
    public async Task One_user_takes_part_once()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);
        await JoinAsync(alice);
        var before = await JoinAsync(bob);

        var again = await JoinAsync(bob);
        var end = await Within(before.Ended);

        Assert.Equal(CallEndedBy.Peer, end.By);
        Assert.False(again.Ended.IsCompleted);
    }

    [Fact, Trait("Spec", "IM 7.2.1.4/8")]
    public async Task A_new_session_has_a_new_identity_and_the_old_one_is_no_more()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);
        var first = await JoinAsync(alice);
        await Within(first.ByeAsync());

        var second = await JoinAsync(bob);
        var late = await Within(alice.Invite(first.SessionIdentity).Final);

        Assert.NotEqual(first.SessionIdentity, second.SessionIdentity);
        Assert.Equal((403, "Session does not exist"), (late.Status, WarningOf(late)));
    }

    [Fact]
    public async Task A_member_by_reference_joins()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutListsAsync(
            "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list name=\"ski\">"
            + "<entry uri=\"sip:bob@example.com\"/></list></resource-lists>");
        await Owner.PutGroupAsync(new(Skiers, "sip:alice@example.com") { Externals = [Owner.AnchorOf("ski")] });

        await JoinAsync(alice);
        var joined = await JoinAsync(bob);

        Assert.NotEmpty(joined.SessionIdentity);
    }
}
