using ImSidecar.Core.Conferences;
using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;
using ImSidecar.EndToEnd.Tests.Harness;

namespace ImSidecar.Core.Tests.Policies;

/// <summary>session-active-policy of a group document, IM 7.2.2.3 and IM 7.2.2.8.</summary>
public class ActivePolicyTests
{
    private static string Range(int fromMinutes, int untilMinutes) =>
        $"<oxe:time-range><oxe:start-time>{start.AddMinutes(fromMinutes):yyyy-MM-ddTHH:mm:ssZ}</oxe:start-time>"
        + $"<oxe:end-time>{start.AddMinutes(untilMinutes):yyyy-MM-ddTHH:mm:ssZ}</oxe:end-time></oxe:time-range>";

    private static GroupXml Scheduled(params string[] ranges) =>
        GroupOfThree with { SessionActive = $"<oxe:schedule>{string.Concat(ranges)}</oxe:schedule>" };

    private static readonly GroupXml AliceIsKey = GroupOfThree with
    {
        Rules = GroupXml.OfMembers + GroupXml.Rule(
            "key", alice.Text,
            "<join-handling>true</join-handling><allow-initiate-conference>true</allow-initiate-conference>"
            + "<is-key-participant>true</is-key-participant>"),
    };

    private static Scene Opened(GroupXml group)
    {
        var scene = new Scene(With(group));
        scene.Calls(alice);
        scene.Acknowledges(alice);
        return scene;
    }

    private static void Joins(Scene scene, params ImSidecar.Protocol.Sip.SipUri[] users)
    {
        foreach (var user in users)
        {
            scene.Calls(user);
            scene.Acknowledges(user);
        }
    }

    private static void AssertIsOver(Scene scene, bool isOver) => Assert.Equal(isOver, scene.Conference!.IsOver);

    [Fact, Trait("Spec", "IM 7.2.2.3")]
    public void Outside_the_schedule_nobody_starts_a_session()
    {
        var response = new Scene(With(Scheduled(Range(10, 20)))).Calls(alice).Single<Respond>();

        Assert.Equal((403, "schedule of the group allows no session now"), (response.Status.Code, response.Warning));
        Assert.Contains("2026-11-20T09:40:00Z", response.Explanation, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void A_session_ends_with_the_schedule_and_those_who_watch_are_told()
    {
        var scene = Opened(Scheduled(Range(-10, 5), Range(5, 10)));
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);

        scene.After(599);
        AssertIsOver(scene, false);
        scene.After(1);

        AssertIsOver(scene, true);
        Assert.Equal(["alice"], scene.ByesSent);
        Assert.Single(scene.Last.Effects.OfType<SendNotify>());
        Assert.Equal(403, scene.Calls(bob).Effects.OfType<Respond>().Single().Status.Code);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void A_schedule_that_closes_while_the_session_runs_ends_it()
    {
        var scene = Opened(GroupOfThree);

        scene.Later(60).Changes(Scheduled(Range(10, 20)));

        AssertIsOver(scene, true);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void A_session_lasts_no_longer_than_max_duration()
    {
        var scene = Opened(GroupOfThree with { SessionActive = "<oxe:max-duration>120</oxe:max-duration>" });
        Joins(scene, bob);

        scene.After(119);
        AssertIsOver(scene, false);
        scene.After(1);

        Assert.Equal(["alice", "bob"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void A_changed_max_duration_counts_from_the_start_of_the_session()
    {
        var scene = Opened(GroupOfThree with { SessionActive = "<oxe:max-duration>120</oxe:max-duration>" });
        scene.After(100);

        scene.Changes(GroupOfThree with { SessionActive = "<oxe:max-duration>300</oxe:max-duration>" });
        scene.After(199);
        AssertIsOver(scene, false);
        scene.Changes(GroupOfThree with { SessionActive = "<oxe:max-duration>60</oxe:max-duration>" });
        AssertIsOver(scene, true);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void A_document_that_is_read_again_changes_nothing()
    {
        var group = GroupOfThree with { SessionActive = "<oxe:max-duration>120</oxe:max-duration>" };
        var scene = Opened(group);
        var before = scene.Conference;

        scene.Later(10).Changes(group);

        Assert.Same(before, scene.Conference);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void Fewer_than_enough_end_a_session_in_which_there_were_enough()
    {
        var scene = Opened(GroupOfThree with
        {
            SessionActive = "<oxe:min-participant-count>2</oxe:min-participant-count>",
        });
        Joins(scene, bob, carol);

        scene.Leaves(carol);
        AssertIsOver(scene, false);
        scene.Leaves(bob);

        AssertIsOver(scene, true);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void A_session_in_which_there_were_never_enough_goes_on()
    {
        var scene = Opened(GroupOfThree with
        {
            SessionActive = "<oxe:min-participant-count>3</oxe:min-participant-count>",
        });
        Joins(scene, bob);

        scene.Leaves(bob);

        AssertIsOver(scene, false);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void While_somebody_may_still_come_the_session_waits()
    {
        var scene = new Scene(With(GroupOfThree with
        {
            InvitesMembers = true,
            SessionActive = "<oxe:min-participant-count>2</oxe:min-participant-count>",
            Members = [alice.Text, bob.Text, carol.Text, dave.Text],
        }));
        scene.Calls(alice);
        scene.Accepts(bob);
        scene.Acknowledges(alice);
        scene.Leaves(bob);
        AssertIsOver(scene, false);

        scene.Answers(carol, 486);
        AssertIsOver(scene, false);
        scene.Answers(dave, 486);

        AssertIsOver(scene, true);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void Who_is_required_ends_the_session_by_leaving()
    {
        var scene = Opened(GroupOfThree with
        {
            SessionActive = "<oxe:required-participants-list><oxe:entry uri=\"sip:bob@example.com\"/>"
                + "</oxe:required-participants-list>",
        });
        Joins(scene, carol, bob);

        scene.Leaves(carol);
        AssertIsOver(scene, false);
        scene.Leaves(bob);

        AssertIsOver(scene, true);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void Who_asks_for_more_than_before_waits_for_it()
    {
        var scene = Opened(GroupOfThree with
        {
            SessionActive = "<oxe:min-participant-count>1</oxe:min-participant-count>",
        });
        Joins(scene, bob);

        scene.Changes(GroupOfThree with { SessionActive = "<oxe:min-participant-count>3</oxe:min-participant-count>" });
        scene.Leaves(bob);
        AssertIsOver(scene, false);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void The_last_key_participant_ends_the_session_if_the_operator_wants_that()
    {
        foreach (var ends in new[] { true, false })
        {
            var scene = new Scene(With(AliceIsKey) with
            {
                Operator = policy with { ReleaseWhenKeyParticipantsLeave = ends },
            });
            scene.Calls(alice);
            scene.Acknowledges(alice);
            Joins(scene, bob, carol);
            Assert.True(scene.Participant(alice).IsKey);

            scene.Leaves(bob);
            AssertIsOver(scene, false);
            scene.Leaves(alice);
            AssertIsOver(scene, ends);
        }
    }

    [Fact]
    public void An_explanation_names_the_schedule()
    {
        var verdict = GroupPolicy.Ask(
            Known(Scheduled(Range(-20, -10))), GroupAction.JoinHandling, new Requester(alice), start, policy);

        Assert.Equal("schedule of the group allows no session now: it is over", verdict.Explanation);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void A_key_participant_of_the_session_before_does_not_end_this_one()
    {
        var scene = new Scene(With(AliceIsKey) with
        {
            Operator = policy with { ReleaseWhenKeyParticipantsLeave = true },
        });
        Joins(scene, alice);
        scene.Changes(null);
        AssertIsOver(scene, true);

        scene.Facts = scene.Facts with { Group = Known(AliceIsKey) };
        scene.Arrives(InviteGroup(bob));
        scene.Changes(AliceIsKey);
        scene.AnswersBye(alice);

        AssertIsOver(scene, false);
    }

    [Fact, Trait("Spec", "IM 7.2.2.8")]
    public void A_session_that_was_waiting_for_one_more_ends_when_he_is_not_enough()
    {
        var scene = Opened(new(skiers.Text, alice.Text, bob.Text, carol.Text, dave.Text)
        {
            SessionActive = "<oxe:min-participant-count>3</oxe:min-participant-count>",
            Rules = GroupXml.OfMembers.Replace(
                "</cr:actions>",
                "<allow-invite-users-dynamically>true</allow-invite-users-dynamically></cr:actions>",
                StringComparison.Ordinal),
        });
        Joins(scene, bob, carol);
        scene.Refers(alice, dave);
        scene.Leaves(bob);
        scene.Leaves(carol);
        AssertIsOver(scene, false);

        scene.Accepts(dave);

        AssertIsOver(scene, true);
    }
}
