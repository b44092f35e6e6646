using ImSidecar.Client.Calls;
using ImSidecar.EndToEnd.Tests.Harness;
using static ImSidecar.EndToEnd.Tests.Client.Given;

namespace ImSidecar.EndToEnd.Tests.Flows;

/// <summary>The group document changes while the session runs.</summary>
public class GroupChangeTests(DemoProfile profile) : GroupFlow(profile)
{
    [Fact, Trait("Spec", "IM 7.2.2.9")]
    public async Task A_member_taken_off_the_list_is_removed_and_stays_out()
    {
        var (alice, bob, carol) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);
        var stays = await JoinAsync(alice);
        await JoinAsync(carol);
        var goes = await JoinAsync(bob);
        var watching = bob.Subscribe(Skiers);
        await Next(watching.Notifications);

        await Owner.PutGroupAsync(new(Skiers, AliceBobCarol[0], AliceBobCarol[2]));
        var end = await Within(goes.Ended);
        var last = await Within(watching.Terminated);
        var (status, _) = await RefusedAsync(bob);

        Assert.Equal(CallEndedBy.Peer, end.By);
        Assert.Equal("noresource", last.Reason);
        Assert.Equal(403, status);
        Assert.False(stays.Ended.IsCompleted);
    }

    [Fact, Trait("Spec", "IM 7.2.2.9")]
    public async Task A_rule_withdrawn_is_a_right_withdrawn()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);
        await JoinAsync(alice);
        var goes = await JoinAsync(bob);

        await Owner.PutGroupAsync(GroupOfThree with
        {
            Rules = GroupXml.Rule("owner", AliceBobCarol[0], "<join-handling>true</join-handling>"),
        });

        Assert.Equal(CallEndedBy.Peer, (await Within(goes.Ended)).By);
    }

    [Fact]
    public async Task A_member_by_reference_goes_with_the_entry_of_the_other_document()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutListsAsync(Lists("sip:bob@example.com"));
        await Owner.PutGroupAsync(new(Skiers, AliceBobCarol[0]) { Externals = [Owner.AnchorOf("ski")] });
        await JoinAsync(alice);
        var goes = await JoinAsync(bob);

        await Owner.PutListsAsync(Lists("sip:carol@example.com"));

        Assert.Equal(CallEndedBy.Peer, (await Within(goes.Ended)).By);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public async Task A_deleted_group_has_no_session()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);
        var first = await JoinAsync(alice);
        var second = await JoinAsync(bob);

        await Owner.DeleteGroupAsync(Skiers);
        var ends = await Within(Task.WhenAll(first.Ended, second.Ended));
        var answer = await RefusedAsync(alice);

        Assert.All(ends, end => Assert.Equal(CallEndedBy.Peer, end.By));
        Assert.Equal((404, "Conference URI does not exist"), answer);
    }

    [Fact]
    public async Task What_changed_while_the_sidecar_was_away_is_found_when_it_starts()
    {
        var (alice, bob, _) = await RegisterThree();
        await Owner.PutGroupAsync(GroupOfThree);
        await JoinAsync(alice);
        var goes = await JoinAsync(bob);

        using (Profile.FreezeKamailio())
        {
            // Acknowledged, and the sidecar dies before Kamailio has sent the BYE.
            await Owner.PutGroupAsync(new(Skiers, AliceBobCarol[0], AliceBobCarol[2]));
            await Profile.KillSidecarAsync();
        }

        await Profile.StartSidecarAsync();

        Assert.Equal(CallEndedBy.Peer, (await Within(goes.Ended)).By);
    }

    private static string Lists(string member) =>
        "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list name=\"ski\">"
        + $"<entry uri=\"{member}\"/></list></resource-lists>";
}
