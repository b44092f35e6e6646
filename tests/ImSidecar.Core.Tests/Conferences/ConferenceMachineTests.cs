using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Conferences;

/// <summary>The one door to the rules, and what it does for all of them.</summary>
public class ConferenceMachineTests
{
    public static TheoryData<string> Requests => [.. Cases.Of(typeof(ImRequest)).Select(type => type.Name)];

    public static TheoryData<string> Events => [.. Cases.Of(typeof(AggregateEvent)).Select(type => type.Name)];

    private static ImRequest RequestOf(string name, Scene scene) => name switch
    {
        nameof(InviteRequest) => Invite(alice, bob),
        nameof(ReinviteRequest) => Reinvite(scene.Participant(bob)),
        nameof(ByeRequest) => Bye(scene.Participant(bob)),
        nameof(SubscribeRequest) => Subscribe(bob),
        nameof(ReferRequest) =>
            new ReferRequest(Head("REFER", alice, factory)) { Targets = [new(dave, null, "INVITE")] },
        nameof(OptionsRequest) => new OptionsRequest(Head("OPTIONS", alice, factory)),
        nameof(DepositRequest) => new DepositRequest(Head("INVITE", alice, bob)) { Recipient = bob },
        nameof(PassingRequest) =>
            new PassingRequest(Head("MESSAGE", alice, bob)) { Half = SessionCase.Terminating },
        nameof(RegisterRequest) => new RegisterRequest(Head("REGISTER", alice, factory)) { Expires = 600 },
        nameof(MessageRequest) => new MessageRequest(Head("MESSAGE", alice, factory)),
        nameof(UnsupportedRequest) => new UnsupportedRequest(Head("PUBLISH", alice, factory)),
        nameof(NotifyRequest) =>
            new NotifyRequest(Head("NOTIFY", alice, factory)) { Event = "xcap-diff", State = "active" },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "A new case wants a line here"),
    };

    private static AggregateEvent EventOf(string name, Scene scene) => name switch
    {
        nameof(RequestArrived) => new RequestArrived(Bye(scene.Participant(bob))),
        nameof(InviteCancelled) => new InviteCancelled("t"),
        nameof(InviteAcknowledged) => new InviteAcknowledged("t", default, default),
        nameof(AckTimedOut) => new AckTimedOut("t", default),
        nameof(RequestTransactionEnded) => new RequestTransactionEnded("t", 408),
        nameof(ResponseArrived) => new ResponseArrived(scene.InviteTo(bob).Key, Response(scene.InviteTo(bob), 180)),
        nameof(GroupChanged) => new GroupChanged(),
        nameof(ReleaseOrdered) => new ReleaseOrdered(""),
        nameof(ExpulsionOrdered) => new ExpulsionOrdered(bob, ""),
        nameof(TimeElapsed) => new TimeElapsed(),
        nameof(LegConnected) => new LegConnected(scene.Participant(bob).Leg.Media.SessionId),
        nameof(LegLost) => new LegLost(scene.Participant(bob).Leg.Media.SessionId),
        nameof(NicknameAsked) => new NicknameAsked(scene.Participant(bob).Leg.Media.SessionId, "t", "Snowcat"),
        nameof(NodeStarted) => new NodeStarted(),
        nameof(LinkRestarted) => new LinkRestarted(),
        nameof(DocumentsChanged) => new DocumentsChanged(),
        nameof(DocumentsWanted) => new DocumentsWanted([]),
        nameof(RegistrationChanged) =>
            new RegistrationChanged(alice, new(RegistrationSource.Registrar, [new("sip:a@b", [], 60)], "c", 1)),
        nameof(ServiceSettingsChanged) => new ServiceSettingsChanged(alice, new() { IsActive = false }),
        nameof(DeferralSettled) => new DeferralSettled("t", Deferral.Kept),
        nameof(MessagesWait) => new MessagesWait(),
        nameof(PushWanted) => new PushWanted(alice),
        nameof(DeliveryEnded) => new DeliveryEnded("session", DeliveryOutcome.Drained),
        nameof(DeferredRemoved) => new DeferredRemoved([1]),
        nameof(NoticeWanted) => new NoticeWanted(
            new(1, DeferredEnd.Delivered, alice, bob, new("m", "", true, true), start)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "A new case wants a line here"),
    };

    [Theory, MemberData(nameof(Requests)), Trait("Spec", "RFC 3261 8.2")]
    public void Each_kind_of_request_is_answered_with_and_without_a_session(string name)
    {
        var request = RequestOf(name, Scene.Settled(alice, bob));

        Assert.NotEmpty(Scene.Settled(alice, bob).Arrives(request).Effects);
        Assert.NotEmpty(new Scene().Arrives(request).Effects);
    }

    [Theory, MemberData(nameof(Events)), Trait("Spec", "RFC 3261 8.2")]
    public void Each_kind_of_event_goes_through_the_door_with_and_without_a_session(string name)
    {
        var scene = Scene.Settled(alice, bob);
        var happened = EventOf(name, scene);

        scene.Happens(happened);
        var decision = new Scene().Happens(happened);
        Assert.True(decision.Conference is null);
    }

    [Theory, InlineData("REFER"), InlineData("INFO"), InlineData("SERVICE"), Trait("Spec", "RFC 3261 8.2.1")]
    public void A_response_to_a_method_we_never_send_changes_nothing(string method)
    {
        var scene = Scene.Settled(alice, bob);
        var before = scene.Conference;

        var response = new SipResponse(SipStatus.Ok, SipHeaders.Empty, default);
        scene.Happens(new ResponseArrived(new(conferenceId, "p2", method, 1), response));

        Assert.Same(before, scene.Conference);
    }

    [Fact, Trait("Spec", "IM 7.2.1.12/change")]
    public void The_revision_counts_decisions_that_changed_something()
    {
        var scene = new Scene();
        scene.Invites(alice, bob, carol);
        Assert.Equal(1, scene.Conference!.Revision);

        scene.Answers(bob, 100);
        Assert.Equal(1, scene.Conference!.Revision);

        scene.Rings(bob);
        Assert.Equal((2, 2), (scene.Conference!.Revision, scene.Conference.RosterRevision));
    }

    [Fact, Trait("Spec", "RFC 3261 8.2")]
    public void A_refusal_changes_nothing()
    {
        var scene = Scene.Settled(alice, bob);
        var before = scene.Conference;

        scene.Subscribes(carol);

        Assert.Same(before, scene.Conference);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/5")]
    public void The_same_facts_give_the_same_ids_and_others_give_others()
    {
        var facts = NoFacts with { Entropy = new byte[] { 1, 2, 3 } };
        var happened = new RequestArrived(Invite(alice, bob));

        var first = ConferenceMachine.Apply(null, conferenceId, happened, NoFacts).Single<SendRequest>().Request;
        var again = ConferenceMachine.Apply(null, conferenceId, happened, NoFacts).Single<SendRequest>().Request;
        var other = ConferenceMachine.Apply(null, conferenceId, happened, facts).Single<SendRequest>().Request;

        Assert.Equal(
            (first.CallId, first.FromTag, first.Body.Text()), (again.CallId, again.FromTag, again.Body.Text()));
        Assert.NotEqual(first.CallId, other.CallId);
    }
}
