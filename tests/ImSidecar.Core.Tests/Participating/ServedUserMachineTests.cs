using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>The one door to the rules of a served user, and who is the same one.</summary>
public class ServedUserMachineTests
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
            new(Serving.id, "w", "SUBSCRIBE", 1), new(SipStatus.Ok, SipHeaders.Empty, default)),
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
    public void Each_kind_of_request_is_answered_or_passed_on_with_and_without_a_user(string name)
    {
        foreach (var serving in (Serving[])[Serving.Registered(), new Serving()])
            Assert.True(serving.Answers(RequestOf(name)) is Respond or PassOn);
    }

    [Theory, MemberData(nameof(Events))]
    public void Each_kind_of_event_goes_through_the_door_with_and_without_a_user(string name)
    {
        Assert.NotNull(Serving.Registered().Happens(EventOf(name)).Next);
        Assert.Equal(
            name is nameof(RegistrationChanged) or nameof(ServiceSettingsChanged),
            new Serving().Happens(EventOf(name)).Next is not null);
    }

    [Fact]
    public void Whom_somebody_called_by_his_number_has_the_documents_of_his_home()
    {
        var (tel, home) = (Uri("tel:+12015550123"), Uri("sip:+12015550123@example.com"));
        var serving = new Serving();
        serving.Happens(Registered(tel, cseq: 1));
        Assert.Equal(tel, serving.State!.Address);

        serving.Happens(Registered(home, cseq: 2));
        serving.Happens(Registered(tel, cseq: 3));

        Assert.Equal(home, serving.State.Address);

        static RegistrationChanged Registered(SipUri user, int cseq) =>
            new(user, new(RegistrationSource.Registrar, [new(Serving.Phone, [], 600)], "call", cseq));
    }

    [Theory]
    [InlineData("sip:+12015550123@example.com", "tel:+1-201-555-0123", true)]
    [InlineData("sip:+12015550123@example.com;user=phone", "sip:+12015550123@example.com", true)]
    [InlineData("sips:Bob@EXAMPLE.com:5061", "sip:Bob@example.com", true)]
    [InlineData("sip:bob@example.com", "sip:Bob@example.com", false)]
    [InlineData("sip:12015550123@example.com", "tel:+12015550123", false)]
    [InlineData("sip:+team@example.com", "tel:+12015550123", false)]
    public void Sip_and_tel_of_a_number_are_one_user(string one, string other, bool areOne) =>
        Assert.Equal(areOne, ServedAddress.KeyOf(Uri(one)) == ServedAddress.KeyOf(Uri(other)));
}
