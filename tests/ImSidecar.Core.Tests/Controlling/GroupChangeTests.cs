using ImSidecar.Core.Conferences;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>What a changed group document means for the session under way.</summary>
public class GroupChangeTests
{
    private static readonly GroupXml withoutBob = new(skiers.Text, alice.Text, carol.Text);

    /// <summary>Alice and bob attend the chat group.</summary>
    private static Scene Opened(AccessWithdrawn withdrawn = AccessWithdrawn.Remove)
    {
        var scene = new Scene(With(GroupOfThree) with { Operator = policy with { AccessWithdrawn = withdrawn } });
        foreach (var user in new[] { alice, bob })
        {
            scene.Calls(user);
            scene.Acknowledges(user);
        }

        return scene;
    }

    [Fact, Trait("Spec", "IM 7.2.2.9")]
    public void Who_is_no_member_any_more_is_removed()
    {
        var scene = Opened();

        scene.Changes(withoutBob);

        Assert.Equal(["bob"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "IM 7.2.2.9")]
    public void Where_only_new_joins_are_refused_he_stays()
    {
        var scene = Opened(AccessWithdrawn.RefuseNewJoins);

        Assert.Empty(scene.Changes(withoutBob).Effects);
        scene.Leaves(bob);

        Assert.Equal(403, scene.Calls(bob).Effects.OfType<Respond>().Single().Status.Code);
    }

    [Fact, Trait("Spec", "IM 7.2.2.9")]
    public void Who_rings_and_is_no_member_any_more_rings_no_more()
    {
        var scene = new Scene(With(GroupOfThree with { InvitesMembers = true }));
        scene.Calls(alice);

        var decision = scene.Changes(withoutBob with { InvitesMembers = true });

        Assert.Equal("bob", scene.InviteTo(bob).Request.Uri.User);
        Assert.Equal(scene.InviteTo(bob).Key, Assert.Single(decision.Effects.OfType<SendCancel>()).Invite);
    }

    [Fact]
    public void Who_may_not_watch_any_more_is_told_no_more()
    {
        var scene = Opened();
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);

        scene.Later(10).Changes(GroupOfThree with
        {
            Rules = GroupXml.OfMembers.Replace(
                "<allow-conference-state>true", "<allow-conference-state>false", StringComparison.Ordinal),
        });

        Assert.StartsWith("terminated", scene.NotifyTo(bob).SubscriptionState, StringComparison.Ordinal);
        Assert.Empty(scene.ByesSent);
    }

    [Fact, Trait("Spec", "RFC 4575 5.3"), Trait("Spec", "IM 7.9.1.1.5/partial")]
    public void Another_limit_of_the_group_is_told_to_who_watches_and_nothing_else_is()
    {
        var scene = Opened();
        scene.Subscribes(bob);
        scene.AnswersNotify(bob);

        scene.Later(10).Changes(GroupOfThree with { MaxParticipants = 7 });

        Assert.Equal(
            (7u, 0), (scene.Document.Description!.MaximumUserCount, scene.Document.Users!.List.Length));
        scene.AnswersNotify(bob);

        scene.Later(10).Leaves(alice);
        Assert.Null(scene.Document.Description);
    }

    [Fact, Trait("Spec", "IM 5.1")]
    public void Who_is_a_member_by_his_number_goes_on_watching()
    {
        var group = new GroupXml(skiers.Text, alice.Text, "tel:+15551234");
        NameAddress[] both = [new(bob), Address("<tel:+15551234>")];
        var scene = new Scene(With(group));
        scene.Calls(alice);
        scene.Acknowledges(alice);
        scene.Arrives(InviteGroup(bob).WithHead(head => head with { Identities = [.. both] }));
        scene.Acknowledges(bob);
        scene.Arrives(Subscribe(bob).WithHead(head => head with { Uri = skiers, Identities = [.. both] }));
        scene.AnswersNotify(bob);

        scene.Later(10).Changes(group with { Subject = "Snow" });

        Assert.Null(scene.Subscription(bob).EndReason);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void A_deleted_group_has_no_session()
    {
        var scene = Opened();

        scene.Changes(null);

        Assert.Equal(["alice", "bob"], scene.ByesSent);
        Assert.Equal(ConferencePhase.Releasing, scene.Conference!.Phase);
    }

    [Fact]
    public void A_document_that_cannot_be_had_changes_nothing()
    {
        var scene = Opened();
        scene.Facts = scene.Facts with { Group = GroupFacts.Unusable("Group document is not available") };

        Assert.Empty(scene.Happens(new GroupChanged()).Effects);
    }

    [Fact]
    public void An_ad_hoc_session_has_no_document()
    {
        var scene = Scene.Settled(alice, bob);

        Assert.Empty(scene.Changes(null).Effects);
    }

    [Fact]
    public void Name_and_limit_are_those_of_the_new_document()
    {
        var scene = Opened();

        scene.Changes(GroupOfThree with { MaxParticipants = 7 });
        scene.Subscribes(alice);

        Assert.Equal(7u, scene.Document.Description!.MaximumUserCount);
        Assert.Equal("The skiers", scene.Document.Description.DisplayText);
    }

    [Fact, Trait("Spec", "IM 7.2.2.9")]
    public void Nobody_rings_for_a_caller_who_is_no_member_any_more()
    {
        var scene = new Scene(With(GroupOfThree with { InvitesMembers = true }));
        scene.Calls(bob);

        var decision = scene.Changes(withoutBob with { InvitesMembers = true });

        Assert.Equal(480, decision.Effects.OfType<Respond>().Single().Status.Code);
        Assert.Equal(2, decision.Effects.OfType<SendCancel>().Count());
        Assert.Equal(ConferencePhase.Releasing, scene.Conference!.Phase);
    }
}
