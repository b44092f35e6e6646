using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>App. D.2 Pushing Deferred Messages, step by step.</summary>
public class PushDeferredMessagesTests
{
    [Fact, Trait("Spec", "IM D.2/A2")]
    public void An_INVITE_offers_MSRP_to_the_user()
    {
        var outcome = new Pushing().BobComes();

        Assert.IsType<OpenLeg>(outcome.Effects[0]);
        var invite = outcome.Single<SendRequest>().Request;
        Assert.Equal(("INVITE", bob, true), (invite.Method, invite.Uri, invite.IsAboveRules));
        Assert.Equal("<sip:deferred@im.example.com>", invite.From);
        Assert.Equal("<sip:deferred@im.example.com>", invite.Headers.First("P-Asserted-Identity"));
        Assert.Contains($"<sip:{Pushing.id}@im.example.com>", invite.Headers.First("Contact"), StringComparison.Ordinal);
        Assert.DoesNotContain("isfocus", invite.Headers.First("Contact")!, StringComparison.Ordinal);
        Assert.True(SessionDescription.TryParse(invite.Body.Span, out var offer) && offer.TryFindMsrp(out _, out var media)
            && media.Direction == MediaDirection.SendOnly && media.AcceptTypes.Contains("message/sip"));
    }

    [Theory]
    [InlineData(PushTo.User, "sip:bob@example.com")]
    [InlineData(PushTo.Newest, "sip:bob@192.0.2.21")]
    public void Of_several_devices_the_operator_chooses(PushTo policy, string uri)
    {
        var pushing = new Pushing { Policy = Pushing.deferred with { PushTo = policy } };
        pushing.Known = pushing.Known with { Contact = "sip:bob@192.0.2.21", Next = Pushing.Message(4) };

        Assert.Equal(uri, pushing.BobComes().Single<SendRequest>().Request.Uri.Text);

        pushing.Answers(488);
        Assert.Equal(uri, pushing.Elapses(TimeSpan.Zero).Single<SendRequest>().Request.Uri.Text);
    }

    [Theory]
    [InlineData(0, true, DeferredDelivery.Push)]
    [InlineData(2, false, DeferredDelivery.Push)]
    [InlineData(2, true, DeferredDelivery.Off)]
    public void Nobody_is_called_for_nothing(int waiting, bool isReachable, DeferredDelivery delivery)
    {
        var pushing = new Pushing
        {
            Known = new() { Waiting = new(waiting, 100), IsReachable = isReachable, Delivery = delivery },
        };

        Assert.Empty(pushing.BobComes().Effects);
        Assert.Null(pushing.State);
    }

    [Fact, Trait("Spec", "IM D.2/A4"), Trait("Spec", "IM D.2/A6")]
    public void What_he_answers_is_acknowledged_and_the_leg_knows_it()
    {
        var pushing = new Pushing();
        pushing.BobComes();

        var outcome = pushing.Answers(200);

        var open = outcome.Single<OpenLeg>();
        Assert.True(open.EndsHere);
        Assert.Equal(["message/sip", "multipart/mixed"], open.Media.AcceptTypes);
        Assert.Equal("bob-tag", outcome.Single<SendAck>().ToTag);
        Assert.Equal(pushing.SessionId, outcome.Single<Deliver>().Media.SessionId);
        Assert.Equal(3, outcome.Effects.Length);
    }

    [Fact, Trait("Spec", "IM D.2/A8-a")]
    public void Who_has_connected_before_his_answer_was_known_gets_his_messages_too()
    {
        var pushing = new Pushing();
        pushing.BobComes();
        Assert.Empty(pushing.Happens(new LegConnected(pushing.SessionId)).Effects);

        Assert.IsType<Deliver>(pushing.Answers(200).Effects[^1]);
    }

    [Fact, Trait("Spec", "IM D.2/A8-a")]
    public void Messages_go_when_the_connection_is_there_and_on_when_it_is_there_again()
    {
        var pushing = new Pushing();
        pushing.BobComes();
        pushing.Answers(200);

        var deliver = pushing.Happens(new LegConnected(pushing.SessionId)).Single<Deliver>();
        Assert.Equal(("sip:bob@example.com", pushing.SessionId), (deliver.User, deliver.Media.SessionId));
        Assert.Empty(deliver.Only);

        pushing.Happens(new NodeStarted()).Single<OpenLeg>();
        pushing.Happens(new LegConnected(pushing.SessionId)).Single<Deliver>();
    }

    [Fact, Trait("Spec", "IM D.2/A10")]
    public void When_all_are_confirmed_we_say_BYE()
    {
        var pushing = Pushing.InSession();

        var outcome = pushing.Ends(DeliveryOutcome.Drained);

        Assert.Equal("BYE", outcome.Single<SendRequest>().Request.Method);
        outcome.Single<CloseLeg>();
        pushing.ByeAnswered();
        Assert.Null(pushing.State);
    }

    [Fact]
    public void What_was_kept_meanwhile_goes_in_the_same_session()
    {
        var pushing = Pushing.InSession();
        Assert.Empty(pushing.BobComes().Effects);

        Assert.Single(pushing.Ends(DeliveryOutcome.Drained).Effects.OfType<Deliver>());
        Assert.Equal("BYE", pushing.Ends(DeliveryOutcome.Drained).Single<SendRequest>().Request.Method);
    }

    [Fact]
    public void What_is_kept_while_our_BYE_is_out_goes_by_an_INVITE_that_is_none_we_have_sent()
    {
        var pushing = new Pushing();
        var first = pushing.BobComes().Single<SendRequest>();
        pushing.Answers(200);
        pushing.Ends(DeliveryOutcome.Drained);

        Assert.Empty(pushing.BobComes().Effects);
        pushing.ByeAnswered();
        var second = pushing.Elapses(TimeSpan.Zero).Single<SendRequest>();

        Assert.Equal("INVITE", second.Request.Method);
        Assert.NotEqual(first.Key, second.Key);
    }

    [Fact]
    public void A_REGISTER_while_he_rings_calls_him_no_second_time()
    {
        var pushing = new Pushing();
        pushing.BobComes();

        Assert.Empty(pushing.BobComes().Effects);
    }

    [Theory]
    [InlineData(480)]
    [InlineData(486)]
    [InlineData(408)]
    [InlineData(603)]
    public void Who_does_not_answer_is_called_again_later_and_then_now_and_then(int code)
    {
        var pushing = new Pushing { Policy = Pushing.deferred with { PushAttempts = 3 } };
        pushing.BobComes();
        pushing.Answers(code).Single<CloseLeg>();

        Assert.Empty(pushing.Elapses(TimeSpan.FromSeconds(29)).Effects);
        pushing.Elapses(TimeSpan.FromSeconds(1)).Single<SendRequest>();
        pushing.Answers(code);
        pushing.Elapses(TimeSpan.FromSeconds(60)).Single<SendRequest>();
        pushing.Answers(code);
        Assert.Empty(pushing.Elapses(TimeSpan.FromMinutes(29)).Effects);
        pushing.Elapses(TimeSpan.FromMinutes(1)).Single<SendRequest>();
        pushing.Answers(code);
        pushing.Known = pushing.Known with { IsReachable = false };
        pushing.Elapses(TimeSpan.FromMinutes(30));
        Assert.Null(pushing.State);
    }

    [Fact]
    public void Each_INVITE_has_a_name_and_a_dialog_of_its_own()
    {
        var pushing = new Pushing();
        var first = pushing.BobComes().Single<SendRequest>();
        pushing.Answers(480);
        var second = pushing.Elapses(TimeSpan.FromSeconds(30)).Single<SendRequest>();

        Assert.NotEqual(first.Key, second.Key);
        Assert.NotEqual(first.Request.CallId, second.Request.CallId);
        Assert.True(InvitationCallId.TryParse(second.Request.CallId, out var key) && key.Owner == second.Key.Owner);
        Assert.Equal(Pushing.id, key.Aggregate);
    }

    [Fact]
    public void Who_registers_anew_is_called_at_once()
    {
        var pushing = new Pushing();
        pushing.BobComes();
        pushing.Answers(480);

        pushing.BobComes().Single<SendRequest>();
    }

    [Fact]
    public void Who_lets_it_ring_is_called_off()
    {
        var pushing = new Pushing();
        pushing.BobComes();
        pushing.Answers(180);

        pushing.Elapses(policy.NoAnswer).Single<SendCancel>();
        pushing.Answers(487);
        Assert.Equal(PushStage.Resting, pushing.State!.Push!.Stage);
        Assert.Null(pushing.State.Leg);
    }

    [Fact]
    public void A_second_phone_that_answers_hears_BYE()
    {
        var pushing = Pushing.InSession();

        var outcome = pushing.Answers(200, tag: "other-phone");

        Assert.Equal("other-phone", outcome.Single<SendAck>().ToTag);
        Assert.Equal("other-phone", outcome.Single<SendRequest>().Request.ToTag);
        Assert.Equal("bob-tag", pushing.State!.Leg!.RemoteTag);
    }

    [Fact]
    public void A_copy_of_his_answer_is_acknowledged_again() =>
        Assert.Equal("bob-tag", Assert.IsType<SendAck>(Assert.Single(Pushing.InSession().Answers(200).Effects)).ToTag);

    [Theory]
    [InlineData(DeliveryOutcome.Lost)]
    [InlineData(DeliveryOutcome.Refused)]
    [InlineData(DeliveryOutcome.Busy)]
    [InlineData(DeliveryOutcome.StoreUnavailable)]
    public void A_push_that_breaks_is_tried_again(DeliveryOutcome outcome)
    {
        var pushing = Pushing.InSession();

        Assert.Equal("BYE", pushing.Ends(outcome).Single<SendRequest>().Request.Method);
        pushing.ByeAnswered();
        Assert.Equal("INVITE", pushing.Elapses(TimeSpan.FromSeconds(30)).Single<SendRequest>().Request.Method);
    }

    [Fact]
    public void While_the_store_is_away_a_push_is_tried_for_as_long_as_it_takes()
    {
        var pushing = new Pushing
        {
            Policy = Pushing.deferred with { PushAttempts = 3 },
            Known = new() { IsUnavailable = true },
        };
        pushing.BobComes();
        for (var i = 0; i < 20; i++)
            Assert.Empty(pushing.Elapses(TimeSpan.FromSeconds(60)).Effects);

        pushing.Known = new() { IsReachable = true, Waiting = new(2, 800) };
        Assert.Equal("INVITE", pushing.Elapses(TimeSpan.FromSeconds(60)).Single<SendRequest>().Request.Method);
    }

    [Fact]
    public void A_store_that_goes_away_within_each_session_ends_no_push()
    {
        var pushing = new Pushing { Policy = Pushing.deferred with { PushAttempts = 1 } };
        pushing.BobComes();
        for (var i = 0; i < 5; i++)
        {
            pushing.Answers(200);
            pushing.Ends(DeliveryOutcome.StoreUnavailable);
            pushing.ByeAnswered();
            pushing.Elapses(TimeSpan.FromSeconds(30)).Single<SendRequest>();
        }
    }

    [Fact]
    public void What_has_broken_off_and_is_no_longer_there_is_not_tried_again()
    {
        var pushing = Pushing.InSession();
        pushing.Ends(DeliveryOutcome.Lost);
        pushing.ByeAnswered();
        pushing.Known = pushing.Known with { IsReachable = false };

        Assert.Empty(pushing.Elapses(TimeSpan.FromSeconds(30)).Effects);
        Assert.Null(pushing.State);
    }

    [Fact]
    public void A_store_that_cannot_be_asked_is_asked_again()
    {
        var pushing = new Pushing { Known = new() { IsUnavailable = true } };
        Assert.Empty(pushing.BobComes().Effects);

        pushing.Known = new() { IsReachable = true, Waiting = new(1, 100) };
        pushing.Elapses(TimeSpan.FromSeconds(30)).Single<SendRequest>();
    }

    [Fact]
    public void Kamailio_that_restarts_while_he_rings_has_lost_the_INVITE()
    {
        var pushing = new Pushing();
        pushing.BobComes();

        pushing.Happens(new LinkRestarted());

        Assert.Null(pushing.State!.Leg);
        pushing.Elapses(TimeSpan.FromSeconds(30)).Single<SendRequest>();
    }
}
