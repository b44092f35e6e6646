using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Documents;

/// <summary>The one door to the rules of subscriptions to documents.</summary>
public class DocumentSubscriptionMachineTests
{
    public static TheoryData<string> Requests => [.. Cases.Of(typeof(ImRequest)).Select(type => type.Name)];

    public static TheoryData<string> Events => [.. Cases.Of(typeof(AggregateEvent)).Select(type => type.Name)];

    private static ImRequest RequestOf(string name) => name switch
    {
        nameof(InviteRequest) => Invite(alice, bob),
        nameof(ReinviteRequest) => new ReinviteRequest(Head("INVITE", alice, alice)),
        nameof(ByeRequest) => new ByeRequest(Head("BYE", alice, alice)),
        nameof(SubscribeRequest) => Watcher.Asks(),
        nameof(ReferRequest) =>
            new ReferRequest(Head("REFER", alice, factory)) { Targets = [new(dave, null, "INVITE")] },
        nameof(OptionsRequest) => new OptionsRequest(Head("OPTIONS", alice, alice)),
        nameof(DepositRequest) => new DepositRequest(Head("INVITE", alice, bob)) { Recipient = bob },
        nameof(PassingRequest) => new PassingRequest(Head("MESSAGE", alice, bob)) { Half = SessionCase.Terminating },
        nameof(RegisterRequest) => new RegisterRequest(Head("REGISTER", alice, alice)) { Expires = 600 },
        nameof(MessageRequest) => new MessageRequest(Head("MESSAGE", alice, alice)),
        nameof(UnsupportedRequest) => new UnsupportedRequest(Head("PUBLISH", alice, alice)),
        nameof(NotifyRequest) =>
            new NotifyRequest(Head("NOTIFY", alice, alice)) { Event = "xcap-diff", State = "active" },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "A new case wants a line here"),
    };

    private static AggregateEvent EventOf(string name) => name switch
    {
        nameof(RequestArrived) => new RequestArrived(Watcher.Asks()),
        nameof(InviteCancelled) => new InviteCancelled("t"),
        nameof(InviteAcknowledged) => new InviteAcknowledged("t", default, default),
        nameof(AckTimedOut) => new AckTimedOut("t", default),
        nameof(RequestTransactionEnded) => new RequestTransactionEnded("t", 408),
        nameof(ResponseArrived) =>
            new ResponseArrived(new(Watcher.id, "s", "NOTIFY", 1), new(SipStatus.Ok, SipHeaders.Empty, default)),
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

    [Theory, MemberData(nameof(Requests))]
    public void Each_kind_of_request_is_answered_with_and_without_a_subscription(string name)
    {
        Assert.Single(Watcher.Settled().Arrives(RequestOf(name)).Effects.OfType<Respond>());
        Assert.Single(new Watcher().Arrives(RequestOf(name)).Effects.OfType<Respond>());
    }

    [Theory, MemberData(nameof(Events))]
    public void Each_kind_of_event_goes_through_the_door_with_and_without_a_subscription(string name)
    {
        Assert.NotNull(Watcher.Settled().Happens(EventOf(name)).Next);
        Assert.Equal(name == nameof(RequestArrived), new Watcher().Happens(EventOf(name)).Next is not null);
    }
}
