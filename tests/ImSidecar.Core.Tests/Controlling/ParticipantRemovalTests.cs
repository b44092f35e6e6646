using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Protocol.ConferenceInfo;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>IM 7.2.1.9 Removal of Participant from IM Session.</summary>
public class ParticipantRemovalTests
{
    private readonly Scene scene = Scene.Settled(alice, bob, carol);

    /// <summary>Bob's 200 to the re-INVITE got no ACK: a reason to remove him.</summary>
    private Decision RemoveBob() => scene.Happens(new AckTimedOut(null, scene.Participant(bob).Leg.Dialog));

    [Fact, Trait("Spec", "IM 7.2.1.9/1"), Trait("Spec", "IM 7.2.1.9/2")]
    public void A_bye_goes_along_the_dialog_of_an_invited_leg()
    {
        var leg = scene.Participant(bob).Leg;

        var bye = RemoveBob().Single<SendRequest>().Request;

        Assert.Equal(("BYE", leg.CallId, 2L), (bye.Method, bye.CallId, bye.CSeq));
        Assert.Equal((leg.LocalTag, "callee"), (bye.FromTag, bye.ToTag));
        Assert.Equal("sip:bob@192.0.2.20:5060;transport=tcp", bye.Uri.Text);
        Assert.Equal(["<sip:theirs.example.com;lr>", "<sip:ours.example.com;lr>"], bye.Headers.Values("Route"));
        Assert.Equal(LegState.Ending, scene.Participant(bob).Leg.State);
    }

    [Fact, Trait("Spec", "IM 7.2.1.9/1")]
    public void Towards_the_inviter_our_tag_is_the_one_of_the_200()
    {
        var bye =
            scene.Happens(new AckTimedOut(null, scene.Participant(alice).Leg.Dialog)).Single<SendRequest>().Request;

        Assert.Equal(("local-alice", "from-alice", 1L), (bye.FromTag, bye.ToTag, bye.CSeq));
        Assert.Equal("<sip:conf-factory@im.example.com>", bye.From);
        Assert.Equal("<sip:alice@example.com>", bye.To);
    }

    [Theory, InlineData(200), InlineData(408), InlineData(481), InlineData(500), Trait("Spec", "IM 7.2.1.9/ok-1")]
    public void Any_final_answer_to_the_bye_frees_the_leg(int code)
    {
        var leg = scene.Participant(bob).Leg.Media.SessionId;
        RemoveBob();

        Assert.Equal(leg, scene.AnswersBye(bob, code).Single<CloseLeg>().SessionId);
        Assert.False(scene.Has(bob));
    }

    [Fact, Trait("Spec", "IM 7.2.1.9/ok-1")]
    public void No_answer_to_the_bye_frees_the_leg_in_the_end()
    {
        RemoveBob();

        Assert.Single(scene.After(40).Effects.OfType<CloseLeg>());
        Assert.False(scene.Has(bob));
    }

    [Fact, Trait("Spec", "IM 7.2.1.9/ok-1")]
    public void A_provisional_answer_frees_nothing()
    {
        RemoveBob();

        Assert.Empty(scene.AnswersBye(bob, 100).Effects);
        Assert.True(scene.Has(bob));
    }

    [Fact, Trait("Spec", "IM 7.2.1.9/ok-2"), Trait("Spec", "IM 7.2.1.9/ok-3")]
    public void Subscribers_are_told_that_he_left()
    {
        scene.Subscribes(alice);
        scene.AnswersNotify(alice);
        RemoveBob();

        scene.Later(10).AnswersBye(bob);

        var endpoint = Assert.Single(scene.Document.Users!.List).Endpoints[0];
        Assert.Equal(
            (EndpointStatus.Disconnected, DisconnectionMethod.Booted), (endpoint.Status, endpoint.DisconnectionMethod));
        Assert.Equal(2u, scene.Document.ConferenceState!.UserCount);
    }

    [Fact, Trait("Spec", "IM 7.2.1.9/1")]
    public void Whom_we_are_removing_is_not_sent_a_second_bye()
    {
        RemoveBob();

        var decision = ParticipantRemoval.Remove(scene.Conference!, scene.Participant(bob), NoFacts);

        Assert.Empty(decision.Effects);
    }

    [Fact, Trait("Spec", "IM 7.2.1.9/1")]
    public void His_bye_may_cross_ours()
    {
        var bobs = scene.Participant(bob);
        RemoveBob();

        Assert.Equal(SipStatus.Ok, scene.Arrives(Bye(bobs)).Single<Respond>().Status);
        Assert.False(scene.Has(bob));
        Assert.Empty(scene.AnswersBye(bob, 481).Effects);
    }

    [Fact, Trait("Spec", "IM 7.2.1.10/3")]
    public void The_release_policy_applies_to_a_removal_as_to_a_departure()
    {
        scene.Leaves(carol);
        RemoveBob();

        scene.AnswersBye(bob);

        Assert.Equal(["alice"], scene.ByesSent);
        Assert.Equal(ConferencePhase.Releasing, scene.Conference!.Phase);
    }

    [Fact, Trait("Spec", "IM 7.2.1.9/1")]
    public void Who_has_not_answered_yet_is_cancelled_and_who_waits_is_refused()
    {
        var waiting = new Scene();
        waiting.Invites(alice, bob);
        var conference = waiting.Conference!;

        Assert.Single(
            ParticipantRemoval.Remove(conference, waiting.Participant(bob), NoFacts).Effects.OfType<SendCancel>());
        var refused = ParticipantRemoval.Remove(conference, waiting.Participant(alice), NoFacts);
        Assert.Equal(SipStatus.TemporarilyUnavailable, refused.Single<Respond>().Status);
        Assert.Null(refused.Conference!.Inviter());
    }

    /// <summary>An answered inviter whose ACK is under way, removed by the one who comes again.</summary>
    private static (Scene Scene, Participant First) Replaced()
    {
        var group = new Scene(With(GroupOfThree));
        group.Calls(alice);
        var first = group.Participant(alice);
        group.Arrives(InviteGroup(alice).WithHead(head => head with
        {
            CallId = "from-elsewhere",
            Transaction = "t-elsewhere",
            LocalTag = "local-elsewhere",
            From = head.From with { Parameters = ";tag=elsewhere" },
        }));
        return (group, first);
    }

    private static InviteAcknowledged AckOf(Participant participant) =>
        new(participant.Leg.Transaction, participant.Leg.Dialog, default);

    [Fact, Trait("Spec", "RFC 3261 15"), Trait("Spec", "IM 7.2.1.9/2")]
    public void No_bye_overtakes_the_ack_for_our_200()
    {
        var (group, first) = Replaced();
        Assert.Empty(group.Last.Effects.OfType<SendRequest>());

        var bye = group.Happens(AckOf(first)).Single<SendRequest>();

        Assert.Equal(("BYE", first.Leg.CallId), (bye.Request.Method, bye.Request.CallId));
        Assert.Empty(group.Happens(AckOf(first)).Effects);
    }

    [Theory, Trait("Spec", "RFC 3261 15"), InlineData(true), InlineData(false)]
    public void Without_an_ack_the_bye_goes_out_when_none_can_come_any_more(bool isTold)
    {
        var (group, first) = Replaced();

        var decision = isTold
            ? group.Happens(new AckTimedOut(first.Leg.Transaction, first.Leg.Dialog))
            : group.After(41);

        Assert.Equal(
            first.Leg.CallId,
            decision.Effects.OfType<SendRequest>().First(each => each.Request.Method == "BYE").Request.CallId);
    }

    [Fact, Trait("Spec", "RFC 3261 15"), Trait("Spec", "IM 7.2.1.10/1")]
    public void Who_leaves_meanwhile_is_out_and_gets_no_bye()
    {
        var (group, first) = Replaced();

        Assert.Equal(SipStatus.Ok, group.Arrives(Bye(first)).Single<Respond>().Status);

        Assert.False(group.Conference!.Participants.ContainsKey(first.Id));
        Assert.Empty(group.Happens(AckOf(first)).Effects);
    }
}
