using ImSidecar.Core.Conferences;
using ImSidecar.Core.Tests.Documents;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Messages;

/// <summary>The one door to the rules of messages to several.</summary>
public class MessageMachineTests
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
        nameof(MessageRequest) => Sending.ToList(alice, bob.Text),
        nameof(DepositRequest) => new DepositRequest(Head("INVITE", alice, bob)) { Recipient = bob },
        nameof(PassingRequest) => new PassingRequest(Head("MESSAGE", alice, bob)) { Half = SessionCase.Terminating },
        nameof(RegisterRequest) => new RegisterRequest(Head("REGISTER", alice, alice)) { Expires = 600 },
        nameof(NotifyRequest) =>
            new NotifyRequest(Head("NOTIFY", alice, alice)) { Event = "xcap-diff", State = "active" },
        _ => new UnsupportedRequest(Head("PUBLISH", alice, alice)),
    };

    private static AggregateEvent EventOf(string name) => name switch
    {
        nameof(RequestArrived) => new RequestArrived(RequestOf("BYE")),
        nameof(ResponseArrived) =>
            new ResponseArrived(new(Sending.id, "r9", "MESSAGE", 1), new(default, new([]), default)),
        nameof(TimeElapsed) => new TimeElapsed(),
        nameof(NodeStarted) => new NodeStarted(),
        nameof(LinkRestarted) => new LinkRestarted(),
        _ => new DocumentsChanged(),
    };

    [Theory, MemberData(nameof(Requests)), Trait("Spec", "RFC 3261 8.2")]
    public void Each_kind_of_request_is_answered_with_and_without_a_message(string name)
    {
        var sending = new Sending();
        Assert.NotEmpty(sending.Arrives(RequestOf(name)).Effects);

        sending.Arrives(Sending.ToList(alice, bob.Text));
        Assert.NotEmpty(sending.Arrives(RequestOf(name)).Effects);
    }

    [Theory, MemberData(nameof(Events)), Trait("Spec", "RFC 3261 8.2")]
    public void Each_kind_of_event_goes_through_the_door_with_and_without_a_message(string name)
    {
        Assert.Null(new Sending().Happens(EventOf(name)).Next);

        var sending = new Sending();
        sending.Arrives(Sending.ToList(alice, bob.Text));
        Assert.NotNull(sending.Happens(EventOf(name)).Next);
    }
}
