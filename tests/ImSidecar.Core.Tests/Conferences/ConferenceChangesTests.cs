using ImSidecar.Core.Conferences;

namespace ImSidecar.Core.Tests.Conferences;

/// <summary>What one save writes: the parts a decision touched and no others.</summary>
public class ConferenceChangesTests
{
    [Fact]
    public void A_new_conference_is_written_whole()
    {
        var changes = ConferenceChanges.Between(null, AdHocConference(alice, bob, carol));

        Assert.Equal(["p1", "p2", "p3"], changes.Participants.Select(participant => participant.Id).Order());
        Assert.Empty(changes.RemovedParticipants);
    }

    [Fact]
    public void A_join_writes_its_participant_alone()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol, dave);
        scene.Accepts(bob);
        scene.Acknowledges(alice);
        scene.Subscribes(alice);
        var before = scene.Conference;

        scene.Accepts(carol);

        var changes = ConferenceChanges.Between(before, scene.Conference);
        Assert.Equal("p3", Assert.Single(changes.Participants).Id);
        Assert.Empty(changes.Subscriptions);
    }

    [Fact]
    public void A_departure_removes_its_participant_and_touches_the_subscription_that_was_told()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);
        var before = scene.Conference;

        scene.Later(10).Leaves(carol);

        var changes = ConferenceChanges.Between(before, scene.Conference);
        Assert.Equal(["p3"], changes.RemovedParticipants);
        Assert.Empty(changes.Participants);
        Assert.Empty(changes.Subscriptions);
        Assert.Equal(alice, Assert.Single(changes.ProgressedSubscriptions).Subscriber);
    }

    [Fact]
    public void An_ended_subscription_is_removed()
    {
        var scene = Scene.Settled(alice, bob);
        scene.Subscribes(alice);
        var before = scene.Conference;

        scene.AnswersNotify(alice, 481);

        var changes = ConferenceChanges.Between(before, scene.Conference);
        Assert.Equal(before!.Subscriptions.Values, changes.RemovedSubscriptions);
    }

    [Fact]
    public void A_forgotten_conference_deletes_everything() =>
        Assert.Null(ConferenceChanges.Between(AdHocConference(alice, bob), null).Head);
}
