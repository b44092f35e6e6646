using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Tests.Conferences;

/// <summary>Who is remembered as invited, and how much that costs.</summary>
public class GuestListTests
{
    [Fact]
    public void Who_started_and_who_is_invited_is_remembered_under_each_address()
    {
        var scene = new Scene();
        scene.Arrives(Invite(alice, bob, Uri("sip:+1-555-1234@example.org;user=phone"))
            .WithHead(head => head with { Identities = [new(alice), Address("<tel:+1-555-9999>")] }));

        Assert.Equal(
            [alice.PersonKey, bob.PersonKey, "tel:+15551234", "tel:+15559999"],
            scene.Conference!.Guests.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_group_remembers_nobody_for_its_document_says_who_may_come()
    {
        var scene = new Scene(With(GroupOfThree with { InvitesMembers = true }));
        scene.Calls(alice);
        scene.Accepts(bob);

        Assert.Empty(scene.Conference!.Guests);
    }

    [Fact]
    public void Who_is_added_is_one_row_more()
    {
        var scene = Scene.Settled(alice, bob, carol);
        var before = scene.Conference;

        scene.Refers(alice, dave);

        var changes = ConferenceChanges.Between(before, scene.Conference);
        Assert.Equal(dave.PersonKey, Assert.Single(changes.Guests).Key);
        Assert.Empty(changes.RemovedGuests);
    }

    [Fact]
    public void Who_is_expelled_is_removed()
    {
        var scene = Scene.Settled(alice, bob, carol);
        var before = scene.Conference;

        scene.Expels(alice, bob);

        Assert.Equal([bob.PersonKey], ConferenceChanges.Between(before, scene.Conference).RemovedGuests);
    }
}
