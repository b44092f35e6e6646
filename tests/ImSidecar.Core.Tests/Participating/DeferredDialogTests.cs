using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>The dialog of a session with the message store, whoever began it.</summary>
public class DeferredDialogTests
{
    public static TheoryData<string> Purposes => ["Deposit", "Fetch", "Push"];

    [Fact]
    public void An_ack_that_names_no_transaction_is_found_by_its_dialog()
    {
        var storing = new Storing();
        storing.Arrives(Storing.ToBob());

        storing.Happens(new InviteAcknowledged(null, storing.Leg.Dialog, default));

        Assert.Equal(LegState.Active, storing.Leg.State);
        Assert.Null(storing.Leg.Deadline);
    }

    [Fact]
    public void An_ack_of_another_dialog_changes_nothing()
    {
        var storing = new Storing();
        var before = storing.Arrives(Storing.ToBob()).Next;

        Assert.Same(before, storing.Happens(new InviteAcknowledged("t", new("a", "b", "c"), default)).Next);
    }

    [Fact]
    public void Who_never_acknowledges_is_sent_bye()
    {
        foreach (var isTold in (bool[])[true, false])
        {
            var storing = new Storing();
            storing.Arrives(Storing.ToBob());

            var outcome = isTold
                ? storing.Happens(new AckTimedOut(storing.Leg.Transaction, storing.Leg.Dialog))
                : storing.Elapses(policy.TransactionDeadline);

            Assert.Equal("BYE", outcome.Single<SendRequest>().Request.Method);
            Assert.Single(outcome.Effects.OfType<CloseLeg>());
        }
    }

    [Fact]
    public void What_ends_before_its_ack_waits_for_that_with_the_bye()
    {
        var storing = new Storing();
        storing.Arrives(Storing.ToBob());

        var lost = storing.Happens(new LegLost(storing.Leg.Media.SessionId));
        Assert.Empty(lost.Effects.OfType<SendRequest>());
        Assert.Equal(LegState.Ending, storing.Leg.State);

        Assert.Equal("BYE", storing.Acknowledges().Single<SendRequest>().Request.Method);
    }

    [Fact, Trait("Spec", "RFC 4145 4")]
    public void A_caller_who_connects_later_is_not_missed()
    {
        var storing = new Storing();
        storing.Arrives(Storing.ToBob());
        storing.Acknowledges();
        var holding = storing.State! with
        {
            Leg = storing.Leg with { Media = storing.Leg.Media with { HoldsConnection = true } },
        };

        Assert.Equal(holding, DeferredDialog.OnLegLost(holding, storing.Leg.Media.SessionId, NoFacts).Next);
    }

    [Fact]
    public void A_cancelled_invite_leaves_nothing()
    {
        foreach (var isCancel in (bool[])[true, false])
        {
            var storing = new Storing();
            storing.Arrives(Storing.ToBob());
            var (transaction, session) = (storing.Leg.Transaction!, storing.Leg.Media.SessionId);

            var outcome = storing.Happens(
                isCancel ? new InviteCancelled(transaction) : new RequestTransactionEnded(transaction, 408));

            Assert.Null(outcome.Next);
            Assert.Equal(session, Assert.IsType<CloseLeg>(Assert.Single(outcome.Effects)).SessionId);
        }
    }

    [Theory, Trait("Spec", "IM D.2/A10"), MemberData(nameof(Purposes))]
    public void Bye_ends_it_and_a_push_is_tried_again(string purpose)
    {
        var storing = Storing.Of(purpose);

        var outcome = storing.Arrives(storing.Bye());

        Assert.Equal(SipStatus.Ok, outcome.Single<Respond>().Status);
        Assert.Single(outcome.Effects.OfType<CloseLeg>());
        Assert.Equal(purpose == "Push", outcome.Next is { Leg: null, Push.RetryAt: not null });
        Assert.Equal(purpose != "Push", outcome.Next is null);
    }

    [Theory, MemberData(nameof(Purposes))]
    public void A_bye_out_of_order_or_of_another_dialog_is_refused(string purpose)
    {
        var storing = Storing.Of(purpose);
        var modified = storing.Reinvite(null, "UPDATE", cseq: 7);
        storing.Arrives(modified);

        Assert.Equal(SipStatus.ServerInternalError, storing.Answers(storing.Bye(cseq: 7)).Status);
        Assert.Equal(SipStatus.NoSuchDialog, storing.Answers(
            storing.Bye(cseq: 8).WithHead(head => head with { CallId = "another" })).Status);
        Assert.NotNull(storing.State?.Leg);
    }

    [Theory, MemberData(nameof(Purposes))]
    public void Byes_that_cross_end_it_once(string purpose)
    {
        var storing = Storing.Of(purpose);
        storing.Happens(new LegLost(storing.Leg.Media.SessionId));

        Assert.Equal(SipStatus.Ok, storing.Answers(storing.Bye()).Status);
        Assert.Null(storing.State?.Leg);
    }

    [Theory, MemberData(nameof(Purposes))]
    public void Our_bye_ends_it_with_its_answer_whatever_that_is_or_without_any(string purpose)
    {
        foreach (var code in (int[])[200, 481, 408, 0])
        {
            var storing = Storing.Of(purpose);
            var bye = storing.Happens(new LegLost(storing.Leg.Media.SessionId)).Single<SendRequest>();
            Assert.Equal("BYE", bye.Request.Method);
            Assert.NotNull(storing.State?.Leg);

            storing.AnswersBye(bye, 100);
            Assert.NotNull(storing.State?.Leg);
            if (code == 0)
                storing.Elapses(policy.TransactionDeadline);
            else
                storing.AnswersBye(bye, code);

            // A push may be at its next try by then.
            Assert.NotEqual(LegState.Ending, storing.State?.Leg?.State);
        }
    }

    [Theory, MemberData(nameof(Purposes))]
    public void A_bye_that_was_out_goes_again_when_kamailio_has_restarted(string purpose)
    {
        var storing = Storing.Of(purpose);
        var bye = storing.Happens(new LegLost(storing.Leg.Media.SessionId)).Single<SendRequest>();

        var again = storing.Happens(new LinkRestarted()).Single<SendRequest>();

        Assert.Equal(bye.Request.CSeq + 1, again.Request.CSeq);
        storing.AnswersBye(bye);
        Assert.NotNull(storing.State?.Leg);
        storing.AnswersBye(again);
        Assert.Null(storing.State?.Leg);
    }

    [Fact]
    public void A_bye_that_waited_for_an_ack_goes_when_nobody_will_tell_of_that()
    {
        var storing = new Storing();
        storing.Arrives(Storing.ToBob());
        storing.Happens(new LegLost(storing.Leg.Media.SessionId));

        Assert.Equal("BYE", storing.Happens(new LinkRestarted()).Single<SendRequest>().Request.Method);
    }

    [Theory, MemberData(nameof(Purposes))]
    public void The_node_that_starts_opens_the_leg_again(string purpose)
    {
        var storing = Storing.Of(purpose);

        var open = storing.Happens(new NodeStarted()).Single<OpenLeg>();

        Assert.True(open.EndsHere);
        Assert.Same(storing.Leg.Media, open.Media);
        Assert.Equal(purpose == "Deposit" ? [carol.Text] : Array.Empty<string>(), open.Identities);
    }

    [Theory, MemberData(nameof(Purposes))]
    public void What_nobody_refreshes_ends(string purpose)
    {
        var storing = Storing.Of(purpose);
        storing.Policy = storing.Policy with { IdleTimeout = TimeSpan.FromDays(1) };
        storing.Arrives(storing.Reinvite(null, "UPDATE", cseq: 7).With("Supported", "timer"));
        Assert.Equal(storing.Now + policy.SessionInterval, storing.Leg.SessionExpiresAt);
        storing.State = storing.State! with { IdleAt = null };

        storing.Elapses(policy.SessionInterval - TimeSpan.FromSeconds(1));
        Assert.Equal(LegState.Active, storing.Leg.State);
        Assert.Equal("BYE", storing.Elapses(TimeSpan.FromSeconds(1)).Single<SendRequest>().Request.Method);
    }

    [Fact]
    public void A_deposit_ends_when_nothing_was_said_for_long()
    {
        var storing = Storing.Deposit();
        Assert.Equal(start + storing.Policy.IdleTimeout, DeferredSessionMachine.NextDue(storing.State!));

        // Something was said meanwhile.
        storing.Waiting = new() { LastMessageAt = start.AddMinutes(2) };
        Assert.Empty(storing.Elapses(storing.Policy.IdleTimeout).Effects);
        Assert.Equal(start.AddMinutes(2) + storing.Policy.IdleTimeout, storing.State!.IdleAt);

        Assert.Equal("BYE", storing.Elapses(TimeSpan.FromMinutes(2)).Single<SendRequest>().Request.Method);
    }

    [Fact]
    public void Who_gets_messages_is_not_idle()
    {
        var storing = Storing.Fetch();
        storing.Happens(new LegConnected(storing.Leg.Media.SessionId));
        Assert.True(storing.State!.IsDelivering);

        Assert.Empty(storing.Elapses(storing.Policy.IdleTimeout).Effects);
        Assert.Equal("BYE", storing.Happens(
            new DeliveryEnded(storing.Leg.Media.SessionId, DeliveryOutcome.Drained)).Single<SendRequest>().Request.Method);
    }

    [Fact]
    public void Who_fetches_and_never_connects_is_sent_bye()
    {
        var storing = Storing.Fetch();

        Assert.Equal("BYE", storing.Elapses(storing.Policy.IdleTimeout).Single<SendRequest>().Request.Method);
    }

    [Fact]
    public void An_answer_when_nothing_is_left_of_the_session_is_acknowledged_and_ended()
    {
        var storing = new Storing();
        var invite = storing.Happens(new PushWanted(bob)).Single<SendRequest>();
        storing.State = null;

        var outcome = storing.Happens(new ResponseArrived(invite.Key, Response(invite, 200, "late", Sdp(bob))));

        Assert.Null(outcome.Next);
        Assert.Equal("late", outcome.Single<SendAck>().ToTag);
        Assert.Equal(("BYE", "late"), (outcome.Single<SendRequest>().Request.Method, outcome.Single<SendRequest>().Request.ToTag));
        Assert.Empty(storing.Happens(new ResponseArrived(invite.Key, Response(invite, 486))).Effects);
    }

    [Fact]
    public void The_answer_to_an_offer_of_ours_comes_with_the_ack()
    {
        var storing = new Storing();
        var invite = Storing.ToBob(sdp: "");
        var media = Storing.MediaOf(storing.Answers(invite).Body);
        Assert.Equal(Protocol.Sdp.MediaDirection.RecvOnly, media.Direction);

        var open = storing.Acknowledges(Sdp(carol, setup: "active")).Single<OpenLeg>();

        Assert.True(open.Media.IsNegotiated);
        Assert.False(open.Media.Connects);
        Assert.Equal(LegState.Active, storing.Leg.State);
    }

    [Fact]
    public void Without_an_answer_to_our_offer_there_is_no_session()
    {
        var storing = new Storing();
        storing.Arrives(Storing.ToBob(sdp: ""));

        Assert.Equal("BYE", storing.Acknowledges("v=0"u8.ToArray()).Single<SendRequest>().Request.Method);
    }
}
