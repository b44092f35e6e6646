using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Controlling;

/// <summary>A session comes from another node, or this one is reached elsewhere than before.</summary>
public class MediaMoveTests
{
    private const string Elsewhere = "198.51.100.7";

    private readonly Scene scene = Scene.Settled(alice, bob);

    private IEnumerable<OutgoingRequest> Invites =>
        scene.Last.Effects.OfType<SendRequest>().Select(each => each.Request).Where(each => each.Method == "INVITE");

    private Reconnection? Bobs => scene.Participant(bob).Leg.Reconnection;

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void Who_has_moved_is_not_asked_again()
    {
        Starts(Elsewhere);
        scene.Accepts(bob);
        Assert.Empty(Invites);
        scene.Connects(bob);

        Starts(Elsewhere);

        Assert.Null(Bobs);
        Assert.DoesNotContain(Invites, each => each.Uri == scene.Participant(bob).Leg.RemoteTarget);
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void A_reinvite_that_named_the_old_address_has_its_answer_before_the_next_one()
    {
        scene.Loses(bob);

        Starts(Elsewhere);
        Assert.Single(Invites);
        Assert.Equal(ReconnectionStage.Proposing, Bobs!.Stage);
        scene.Accepts(bob);

        Assert.Single(scene.Last.Effects.OfType<SendAck>());
        Assert.Equal(3, Invites.Single().CSeq);
        Assert.Contains(Elsewhere, scene.Participant(bob).Leg.Media.LocalUri);
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void Who_answers_the_invitation_of_the_other_node_is_asked_then()
    {
        var early = new Scene();
        early.Invites(alice, bob);
        Starts(Elsewhere, early);
        Assert.Empty(early.Last.Effects.OfType<SendRequest>());

        early.Accepts(bob);

        var request = early.Last.Effects.OfType<SendRequest>().Single();
        Assert.Equal(("INVITE", 2L), (request.Request.Method, request.Request.CSeq));
        Assert.Contains(Elsewhere, early.Participant(bob).Leg.Media.LocalUri);
    }

    [Fact, Trait("Spec", "RFC 3261 14.1")]
    public void Whose_INVITE_is_answered_is_asked_when_his_ACK_has_come()
    {
        var answering = new Scene();
        answering.Invites(alice, bob);
        answering.Accepts(bob);
        Starts(Elsewhere, answering);
        Assert.Single(answering.Last.Effects.OfType<SendRequest>());
        Assert.Equal(ReconnectionStage.Postponed, answering.Participant(alice).Leg.Reconnection!.Stage);

        answering.Acknowledges(alice);

        Assert.Equal("INVITE", answering.Last.Effects.OfType<SendRequest>().Single().Request.Method);
    }

    [Fact, Trait("Spec", "RFC 4975 7.1.1")]
    public void Nothing_goes_to_who_does_not_know_our_path_yet()
    {
        var early = new Scene();
        early.Invites(alice, bob);
        Starts(Elsewhere, early);

        early.Accepts(bob);
        Assert.All(OpenedFor(bob, early), each => Assert.Empty(each.Media.RemotePath));
        Assert.NotEmpty(OpenedFor(bob, early));

        early.Accepts(bob);
        Assert.NotEmpty(Assert.Single(OpenedFor(bob, early)).Media.RemotePath);
    }

    private static IEnumerable<OpenLeg> OpenedFor(SipUri name, Scene there) => there.Last.Effects.OfType<OpenLeg>()
        .Where(each => each.Media.SessionId == there.Participant(name).Leg.Media.SessionId);

    private void Starts(string host, Scene? there = null)
    {
        there ??= scene;
        there.Facts = there.Facts with { Operator = there.Facts.Operator with { MsrpHost = host } };
        there.Happens(new NodeStarted());
    }
}
