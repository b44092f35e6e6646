using ImSidecar.Core.Conferences;
using ImSidecar.EndToEnd.Tests.Harness;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.8 Removing Participants from IM Group Session request.</summary>
public class RemoveParticipantsTests
{
    private static Respond Response(Decision decision) => decision.Effects.OfType<Respond>().Single();

    [Fact, Trait("Spec", "IM 7.2.1.8/1-a"), Trait("Spec", "IM 7.2.1.8/1-b")]
    public void Who_did_not_start_the_session_removes_nobody()
    {
        var response = Response(Scene.Settled(alice, bob, carol).Expels(bob, carol));

        Assert.Equal(403, response.Status.Code);
        Assert.NotEmpty(response.Warning!);
    }

    [Fact, Trait("Spec", "IM 7.2.1.8/1-a")]
    public void In_a_pre_defined_group_the_document_says_who_removes()
    {
        var group = GroupOfThree with
        {
            Rules = GroupXml.OfMembers + GroupXml.Rule(
                "marshal", bob.Text,
                "<join-handling>true</join-handling><oxe:allow-expelling>true</oxe:allow-expelling>"),
        };
        var scene = new Scene(With(group));
        foreach (var user in new[] { alice, bob, carol })
        {
            scene.Calls(user);
            scene.Acknowledges(user);
        }

        Assert.Equal(403, Response(scene.Expels(alice, carol)).Status.Code);
        Assert.Equal(202, Response(scene.Expels(bob, carol)).Status.Code);
        Assert.Equal(["carol"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "IM 7.2.1.8/2"), Trait("Spec", "IM 7.2.1.8/2a"), Trait("Spec", "IM 7.2.1.8/2a-i")]
    [Trait("Spec", "IM 7.2.1.8/2a-iv"), Trait("Spec", "IM 7.2.1.8/2a-v")]
    public void Who_started_the_session_removes_a_participant()
    {
        var scene = Scene.Settled(alice, bob, carol);

        Assert.Equal(SipStatus.Accepted, Response(scene.Expels(alice, carol)).Status);
        Assert.Equal(["carol"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "IM 7.2.1.8/2a-v")]
    public void Who_names_the_session_leaves_it()
    {
        var scene = Scene.Settled(alice, bob, carol);

        scene.Expels(bob, scene.Conference!.SessionIdentity);

        Assert.Equal(["bob"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "IM 7.2.1.8/2a-vi"), Trait("Spec", "IM 7.2.1.8/2a-vii")]
    public void The_session_of_who_is_left_alone_is_released_with_its_subscriptions()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Subscribes(alice);
        scene.Expels(alice, bob);
        scene.AnswersBye(bob);
        scene.Expels(alice, carol);
        scene.AnswersBye(carol);

        Assert.Equal(["alice"], scene.ByesSent);
        Assert.NotNull(scene.Subscription(alice).EndReason);
    }

    [Fact, Trait("Spec", "IM 7.2.1.8/2a-ii"), Trait("Spec", "IM 7.2.1.8/2a-iii")]
    public void Outside_a_dialog_the_answer_offers_to_tell_nothing_and_obeys()
    {
        var scene = Scene.Settled(alice, bob, carol);

        var response = Response(scene.Arrives(
            new ReferRequest(Head("REFER", alice, scene.Conference!.SessionIdentity) with
            {
                CallId = "refer",
                Contact = ContactOf(alice),
            })
            {
                Targets = [new(carol, null, "BYE")],
                ReferSub = false,
            }));

        Assert.Equal(
            ("norefersub", "false"), (response.Headers.First("Supported"), response.Headers.First("Refer-Sub")));
        Assert.Equal(["carol"], scene.ByesSent);
    }

    [Fact, Trait("Spec", "IM 7.2.1.8/2a-ix"), Trait("Spec", "IM 7.2.1.8/3")]
    public void What_becomes_of_the_bye_is_told()
    {
        var scene = Scene.Settled(alice, bob, carol);

        scene.Expels(alice, carol);
        scene.AnswersProgress();
        scene.AnswersBye(carol);

        Assert.StartsWith("SIP/2.0 200", scene.Progress.Request.Body.Text(), StringComparison.Ordinal);
        Assert.StartsWith(
            "terminated", scene.Progress.Request.Headers.First("Subscription-State"), StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM 7.2.1.8/2b"), Trait("Spec", "IM 7.2.1.8/2b-i-a"), Trait("Spec", "IM 7.2.1.8/2b-i-b")]
    public void Who_names_nobody_in_the_session_gets_403()
    {
        var response = Response(Scene.Settled(alice, bob, carol).Expels(alice, dave));

        Assert.Equal((403, "Refer-To names nobody in the session"), (response.Status.Code, response.Warning));
    }

    [Fact, Trait("Spec", "IM 7.2.1.8/2b")]
    public void An_anonymous_participant_is_found_by_his_alias_alone()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);
        scene.Accepts(bob);
        scene.Answers(carol, Given.Response(scene.InviteTo(carol), 200, "c", Sdp(carol, setup: "active"))
            .With("Privacy", "id"));
        scene.Acknowledges(alice);
        var alias = Uri(scene.Participant(carol).Entity);

        Assert.Equal(403, Response(scene.Expels(alice, carol)).Status.Code);
        scene.Expels(alice, alias);

        Assert.Equal(["carol"], scene.ByesSent);
    }

    [Fact]
    public void An_invitation_under_way_is_cancelled()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Refers(alice, dave);

        var decision = scene.Expels(alice, dave);

        Assert.Single(decision.Effects.OfType<SendCancel>());
    }

    [Fact]
    public void No_more_are_followed_than_can_be_kept()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Refers(alice, dave);
        while (scene.Conference!.Referrals.Count < Core.Notifications.ReferProgress.MaxReferrals)
            Assert.Equal(202, Response(scene.Expels(alice, dave)).Status.Code);

        Assert.Equal(503, Response(scene.Expels(alice, dave)).Status.Code);
        Assert.Equal(202, Response(scene.Refers(alice, false, new ReferTarget(dave, null, "BYE"))).Status.Code);
    }
}
