using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>The one door to the rules of sessions with the message store.</summary>
public class DeferredSessionMachineTests
{
    public static TheoryData<string> Requests => [.. Cases.Of(typeof(ImRequest)).Select(type => type.Name)];

    public static TheoryData<string> Events => [.. Cases.Of(typeof(AggregateEvent)).Select(type => type.Name)];

    private static ImRequest RequestOf(string name) => name switch
    {
        nameof(InviteRequest) => Invite(alice, bob),
        nameof(ReinviteRequest) => new ReinviteRequest(Head("INVITE", alice, alice)),
        nameof(ByeRequest) => new ByeRequest(Head("BYE", alice, alice)),
        nameof(SubscribeRequest) => Subscribe(alice),
        nameof(ReferRequest) =>
            new ReferRequest(Head("REFER", alice, factory)) { Targets = [new(dave, null, "INVITE")] },
        nameof(OptionsRequest) => new OptionsRequest(Head("OPTIONS", alice, alice)),
        nameof(MessageRequest) => new MessageRequest(Head("MESSAGE", alice, factory)),
        nameof(DepositRequest) => new DepositRequest(Head("INVITE", alice, bob)) { Recipient = bob },
        nameof(PassingRequest) => Serving.To(),
        nameof(RegisterRequest) => new RegisterRequest(Head("REGISTER", alice, factory)) { Expires = 600 },
        nameof(NotifyRequest) =>
            new NotifyRequest(Head("NOTIFY", alice, factory)) { Event = "xcap-diff", State = "active" },
        _ => new UnsupportedRequest(Head("PUBLISH", alice, alice)),
    };

    private static AggregateEvent EventOf(string name) => name switch
    {
        nameof(RequestArrived) => new RequestArrived(Serving.To()),
        nameof(InviteCancelled) => new InviteCancelled("t"),
        nameof(InviteAcknowledged) => new InviteAcknowledged("t", default, default),
        nameof(AckTimedOut) => new AckTimedOut("t", default),
        nameof(RequestTransactionEnded) => new RequestTransactionEnded("t", 408),
        nameof(ResponseArrived) => new ResponseArrived(
            new(Storing.id, "w", "INVITE", 1), new(SipStatus.Ok, SipHeaders.Empty, default)),
        nameof(TimeElapsed) => new TimeElapsed(),
        nameof(LegConnected) => new LegConnected("session"),
        nameof(LegLost) => new LegLost("session"),
        nameof(NicknameAsked) => new NicknameAsked("session", "t", "Snowcat"),
        nameof(NodeStarted) => new NodeStarted(),
        nameof(LinkRestarted) => new LinkRestarted(),
        nameof(GroupChanged) => new GroupChanged(),
        nameof(ReleaseOrdered) => new ReleaseOrdered(""),
        nameof(ExpulsionOrdered) => new ExpulsionOrdered(bob, ""),
        nameof(DocumentsChanged) => new DocumentsChanged(),
        nameof(DocumentsWanted) => new DocumentsWanted([]),
        nameof(RegistrationChanged) => new RegistrationChanged(
            bob, new(RegistrationSource.Registrar, [new("sip:a@b", [], 60)], "c", 1)),
        nameof(ServiceSettingsChanged) => new ServiceSettingsChanged(bob, new() { IsActive = false }),
        nameof(DeferralSettled) => new DeferralSettled("t", Deferral.Kept),
        nameof(MessagesWait) => new MessagesWait(),
        nameof(PushWanted) => new PushWanted(bob),
        nameof(DeliveryEnded) => new DeliveryEnded("session", DeliveryOutcome.Drained),
        nameof(DeferredRemoved) => new DeferredRemoved([1]),
        nameof(NoticeWanted) => new NoticeWanted(
            new(1, DeferredEnd.Delivered, alice, bob, new("m", "", true, true), start)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "A new case wants a line here"),
    };

    [Theory, MemberData(nameof(Requests))]
    public void Each_kind_of_request_is_answered_with_and_without_a_session(string name)
    {
        foreach (var storing in All())
            Assert.Single(storing.Arrives(RequestOf(name)).Effects.OfType<Respond>());
    }

    [Theory, MemberData(nameof(Requests))]
    public void None_of_them_ends_a_session_that_it_does_not_name(string name)
    {
        foreach (var storing in All().Where(each => each.State is not null))
        {
            storing.Arrives(RequestOf(name));
            Assert.NotNull(storing.State);
        }
    }

    [Theory, MemberData(nameof(Events))]
    public void Each_kind_of_event_goes_through_the_door_with_and_without_a_session(string name)
    {
        foreach (var storing in All())
        {
            var before = storing.State;
            var outcome = storing.Happens(EventOf(name));

            if (before is null)
                Assert.Equal(name == nameof(RequestArrived) || name == nameof(PushWanted), outcome.Effects.Any());
            else if (outcome.Next is { } next && !ReferenceEquals(next, before))
                Assert.Equal(before.Revision + 1, next.Revision);
        }
    }

    private static List<Storing> All()
    {
        var resting = Storing.Push();
        resting.Arrives(resting.Bye());
        var answering = new Storing();
        answering.Arrives(Storing.ToBob());
        var inviting = new Storing();
        inviting.Happens(new PushWanted(bob));
        var ending = Storing.Deposit();
        ending.Happens(new LegLost(ending.Leg.Media.SessionId));
        return [new(), Storing.Deposit(), Storing.Fetch(), Storing.Push(), resting, answering, inviting, ending];
    }
}
