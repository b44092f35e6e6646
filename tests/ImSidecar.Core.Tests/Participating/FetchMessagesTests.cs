using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>IM 11: a user calls the deferred-messaging URI for what is kept for him.</summary>
public class FetchMessagesTests
{
    [Fact]
    public void Who_calls_gets_what_waits_and_then_bye()
    {
        var storing = new Storing();

        var outcome = storing.Arrives(Storing.ToStore());
        var media = Storing.MediaOf(outcome.Single<Respond>().Body);
        Assert.Equal(MediaDirection.SendOnly, media.Direction);
        Assert.True(outcome.Single<OpenLeg>().EndsHere);
        storing.Acknowledges();

        var deliver = storing.Happens(new LegConnected(storing.Leg.Media.SessionId)).Single<Deliver>();
        Assert.Equal((bob.AddressKey, true), (deliver.User, deliver.Only.IsEmpty));
        var ended = storing.Happens(new DeliveryEnded(storing.Leg.Media.SessionId, DeliveryOutcome.Drained));
        Assert.Equal("BYE", ended.Single<SendRequest>().Request.Method);
        Assert.Null(storing.AnswersBye(ended.Single<SendRequest>()).Next);
    }

    [Theory]
    [InlineData(DeliveryOutcome.Lost)]
    [InlineData(DeliveryOutcome.Busy)]
    [InlineData(DeliveryOutcome.Refused)]
    [InlineData(DeliveryOutcome.Unsuited)]
    [InlineData(DeliveryOutcome.StoreUnavailable)]
    public void However_it_ends_nothing_is_tried_again(DeliveryOutcome ending)
    {
        var storing = Storing.Fetch();
        storing.Happens(new LegConnected(storing.Leg.Media.SessionId));

        var bye = storing.Happens(new DeliveryEnded(storing.Leg.Media.SessionId, ending)).Single<SendRequest>();

        Assert.Null(storing.AnswersBye(bye).Next);
    }

    [Fact]
    public void Who_names_messages_gets_those_of_them_that_wait()
    {
        var storing = new Storing { Waiting = new() { Waiting = new(3, 300), Found = [4, 17] } };

        storing.Arrives(Storing.ToStore(";message=4,5,17"));

        Assert.Equal([4, 17], storing.Happens(new LegConnected(storing.Leg.Media.SessionId)).Single<Deliver>().Only);
    }

    [Theory]
    [InlineData(";message=4", 404, "None of these messages waits")]
    [InlineData(";message=", 400, "The message parameter names no messages")]
    [InlineData(";message=4,x", 400, "The message parameter names no messages")]
    [InlineData(";message=0", 400, "The message parameter names no messages")]
    [InlineData(";message=-1", 400, "The message parameter names no messages")]
    public void What_is_not_there_is_not_brought(string parameters, int code, string warning)
    {
        var response = new Storing().Answers(Storing.ToStore(parameters));

        Assert.Equal((code, warning), (response.Status.Code, response.Warning));
    }

    [Fact]
    public void Who_has_connected_before_his_answer_came_gets_them_too()
    {
        var storing = new Storing();
        storing.Arrives(Storing.ToStore() with { Offer = null });
        Assert.Empty(storing.Happens(new LegConnected(storing.Leg.Media.SessionId)).Effects);

        var outcome = storing.Acknowledges(Sdp(bob, setup: "active"));

        Assert.True(outcome.Single<OpenLeg>().Media.IsNegotiated);
        Assert.Equal(bob.AddressKey, outcome.Single<Deliver>().User);
        Assert.True(storing.State!.IsDelivering);
    }

    [Fact]
    public void Who_has_too_many_sessions_gets_no_further_one()
    {
        var storing = new Storing { Waiting = new() { Waiting = new(3, 300), SessionsOfCaller = 50 } };

        Assert.Equal(SipStatus.ServiceUnavailable, storing.Answers(Storing.ToStore()).Status);
        Assert.Null(storing.State);
    }

    [Fact]
    public void When_nothing_waits_there_is_no_session()
    {
        var storing = new Storing { Waiting = new() };

        var response = storing.Answers(Storing.ToStore());

        Assert.Equal((404, "No messages wait"), (response.Status.Code, response.Warning));
        Assert.Null(storing.State);
    }

    [Fact]
    public void Who_is_not_known_or_not_served_gets_nothing()
    {
        Assert.Equal(SipStatus.Forbidden, new Storing().Answers(
            Storing.ToStore().WithHead(head => head with { Identities = [] })).Status);
        Assert.Equal(SipStatus.Forbidden, new Storing().Answers(Storing.ToStore(from: carol)).Status);
        Assert.Equal(SipStatus.Forbidden, new Storing().Answers(Storing.ToStore(from: mallory)).Status);
    }

    [Fact]
    public void A_number_is_a_user_by_what_waits_for_it()
    {
        var storing = new Storing();
        var phone = Uri("tel:+12015550123");

        storing.Arrives(Storing.ToStore().WithHead(head => head with { Identities = [new(phone)] }));

        Assert.Equal("tel:+12015550123", storing.State!.User);
    }

    [Fact]
    public void Without_the_store_he_is_to_come_again() =>
        Assert.Equal(SipStatus.ServiceUnavailable, new Storing { Waiting = new() { IsUnavailable = true } }
            .Answers(Storing.ToStore()).Status);

    [Fact]
    public void Our_contact_is_nobody_to_be_called()
    {
        var storing = Storing.Fetch();

        Assert.Equal(SipStatus.NotFound, storing.Answers(
            Storing.ToStore().WithHead(head => head with { Uri = Storing.self })).Status);
        Assert.NotNull(storing.State);
        Assert.Equal(SipStatus.NotFound, new Storing { Policy = DeferredPolicy.Off }
            .Answers(Storing.ToStore()).Status);
    }

    [Theory]
    [InlineData("text/plain", "sendrecv")]
    [InlineData("message/cpim", "sendonly")]
    [InlineData("message/cpim", "inactive")]
    public void Who_could_get_nothing_is_refused(string types, string direction)
    {
        var sdp = Encoding.UTF8.GetString(Sdp(bob, types: types)) + $"a={direction}\r\n";

        var response = new Storing().Answers(Storing.ToStore() with { Offer = Encoding.UTF8.GetBytes(sdp) });

        Assert.Equal(SipStatus.NotAcceptableHere, response.Status);
        Assert.Contains("message/cpim", Storing.MediaOf(response.Body).AcceptTypes);
    }

    [Fact]
    public void Without_an_offer_ours_is_in_the_answer_and_the_ack_decides()
    {
        var storing = new Storing();
        var response = storing.Answers(Storing.ToStore() with { Offer = null });
        Assert.Equal(MediaDirection.SendOnly, Storing.MediaOf(response.Body).Direction);
        Assert.Empty(storing.Happens(new LegConnected(storing.Leg.Media.SessionId)).Effects);

        storing.Acknowledges(Sdp(bob));

        Assert.Single(storing.Happens(new LegConnected(storing.Leg.Media.SessionId)).Effects.OfType<Deliver>());
    }

    [Fact]
    public void What_no_session_is_made_of_is_refused() =>
        Assert.Equal(SipStatus.BadRequest, new Storing().Answers(
            Storing.ToStore().WithHead(head => head with { Contact = null })).Status);

    [Fact]
    public void A_copy_of_the_invite_gets_the_same_answer()
    {
        var storing = new Storing();
        storing.Arrives(Storing.ToStore());

        Assert.Equal(SipStatus.Ok, storing.Answers(
            Storing.ToStore().WithHead(head => head with { Transaction = "t2" })).Status);
    }

    [Fact]
    public void A_node_that_starts_delivers_again_with_the_connection()
    {
        var storing = Storing.Fetch();
        storing.Happens(new LegConnected(storing.Leg.Media.SessionId));

        storing.Happens(new NodeStarted());
        Assert.False(storing.State!.IsDelivering);

        Assert.Single(storing.Happens(new LegConnected(storing.Leg.Media.SessionId)).Effects.OfType<Deliver>());
    }
}
