using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sdp;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>A re-INVITE or UPDATE in a session with the message store.</summary>
public class DeferredReinviteTests
{
    public static TheoryData<string> Purposes => ["Deposit", "Fetch", "Push"];

    private static byte[] Moved(string direction = "sendrecv") => Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(Sdp(carol, port: 9999)).Replace("o=- 1 1", "o=- 1 2", StringComparison.Ordinal)
            .Replace("7394/leg", "9999/leg", StringComparison.Ordinal) + $"a={direction}\r\n");

    [Theory, MemberData(nameof(Purposes))]
    public void A_peer_who_has_moved_is_looked_for_where_he_says(string purpose)
    {
        var storing = Storing.Of(purpose);

        var outcome = storing.Arrives(storing.Reinvite(Moved(), cseq: 7));

        Assert.Equal(["OpenLeg", "Respond"], outcome.Effects.Select(each => each.GetType().Name));
        Assert.Contains("9999", Assert.Single(outcome.Single<OpenLeg>().Media.RemotePath), StringComparison.Ordinal);
        var response = outcome.Single<Respond>();
        Assert.Equal(SipStatus.Ok, response.Status);
        Assert.Equal(
            purpose == "Deposit" ? MediaDirection.RecvOnly : MediaDirection.SendOnly,
            Storing.MediaOf(response.Body).Direction);
        Assert.Contains("ds-", response.Headers.First("Contact"), StringComparison.Ordinal);

        storing.Happens(new InviteAcknowledged(response.Transaction, storing.Leg.Dialog, default));
        Assert.Null(storing.Leg.Reinvite);
    }

    [Theory, MemberData(nameof(Purposes))]
    public void On_hold_nothing_flows(string purpose)
    {
        var storing = Storing.Of(purpose);

        var response = storing.Answers(storing.Reinvite(Moved("inactive"), cseq: 7));

        Assert.Equal(MediaDirection.Inactive, Storing.MediaOf(response.Body).Direction);
    }

    [Fact]
    public void The_same_offer_again_changes_nothing_but_the_timer()
    {
        var storing = Storing.Deposit();
        var media = storing.Leg.Media;

        var outcome = storing.Arrives(storing.Reinvite(Sdp(carol), cseq: 7).With("Supported", "timer"));

        Assert.Empty(outcome.Effects.OfType<OpenLeg>());
        Assert.Same(media, storing.Leg.Media);
        Assert.Equal("1800;refresher=uac", outcome.Single<Respond>().Headers.First("Session-Expires"));
        Assert.Equal(start + policy.SessionInterval, storing.Leg.SessionExpiresAt);
    }

    [Theory, MemberData(nameof(Purposes))]
    public void What_cannot_be_answered_is_refused_and_the_session_goes_on(string purpose)
    {
        var storing = Storing.Of(purpose);
        var before = storing.State;

        var response = storing.Answers(storing.Reinvite(Sdp(carol, protocol: "TCP/TLS/MSRP"), cseq: 7));

        Assert.Equal(SipStatus.NotAcceptableHere, response.Status);
        Assert.NotEmpty(Storing.MediaOf(response.Body).AcceptTypes);
        Assert.Same(before, storing.State);
    }

    [Fact]
    public void Too_short_an_interval_is_refused()
    {
        var storing = Storing.Deposit();

        var response = storing.Answers(storing.Reinvite(null, "UPDATE", cseq: 7)
            .With("Supported", "timer").With("Session-Expires", "30"));

        Assert.Equal((SipStatus.SessionIntervalTooSmall, "90"), (response.Status, response.Headers.First("Min-SE")));
    }

    [Fact]
    public void What_comes_out_of_order_or_from_elsewhere_is_refused()
    {
        var storing = Storing.Deposit();

        Assert.Equal(SipStatus.ServerInternalError, storing.Answers(storing.Reinvite(Moved(), cseq: 1)).Status);
        Assert.Equal(SipStatus.NoSuchDialog, storing.Answers(
            storing.Reinvite(Moved(), cseq: 7).WithHead(head => head with { CallId = "another" })).Status);
    }

    [Fact]
    public void After_our_bye_there_is_nothing_to_modify()
    {
        var storing = Storing.Deposit();
        storing.Happens(new LegLost(storing.Leg.Media.SessionId));

        Assert.Equal(SipStatus.NoSuchDialog, storing.Answers(storing.Reinvite(Moved(), cseq: 7)).Status);
    }

    [Fact]
    public void Without_an_offer_ours_is_repeated_and_nobody_offers_until_it_is_answered()
    {
        var storing = Storing.Deposit();
        var reinvite = storing.Answers(storing.Reinvite(null, cseq: 7));
        Assert.Equal(storing.Leg.Media.LocalDescription, reinvite.Body);

        Assert.Equal(SipStatus.RequestPending, storing.Answers(storing.Reinvite(Moved(), "UPDATE", cseq: 8)).Status);
        var answered = storing.Happens(new InviteAcknowledged(reinvite.Transaction, storing.Leg.Dialog, Moved()));

        Assert.Contains("9999", Assert.Single(answered.Single<OpenLeg>().Media.RemotePath), StringComparison.Ordinal);
        Assert.Null(storing.Leg.Reinvite);
    }

    [Fact]
    public void An_answer_that_says_nothing_new_leaves_the_leg_alone()
    {
        var storing = Storing.Deposit();
        var reinvite = storing.Answers(storing.Reinvite(null, cseq: 7));

        Assert.Empty(storing.Happens(
            new InviteAcknowledged(reinvite.Transaction, storing.Leg.Dialog, Sdp(carol))).Effects);
        Assert.Null(storing.Leg.Reinvite);
    }

    [Fact]
    public void Before_the_first_answer_no_offer_is_taken()
    {
        var storing = new Storing();
        storing.Arrives(Storing.ToBob(sdp: ""));

        Assert.Equal(SipStatus.RequestPending, storing.Answers(storing.Reinvite(Moved(), "UPDATE", cseq: 7)).Status);
    }

    [Fact]
    public void A_change_that_was_not_answered_after_all_has_not_been()
    {
        var storing = Storing.Deposit();
        var before = storing.Leg.Media;
        var response = storing.Answers(storing.Reinvite(Moved(), cseq: 7));

        var open = storing.Happens(new RequestTransactionEnded(response.Transaction, 408)).Single<OpenLeg>();

        Assert.Equal(before.RemotePath, open.Media.RemotePath);
        Assert.Null(storing.Leg.Reinvite);
    }

    [Fact]
    public void A_refresh_that_failed_changes_nothing()
    {
        var storing = Storing.Deposit();
        var response = storing.Answers(storing.Reinvite(Sdp(carol), cseq: 7));

        Assert.Empty(storing.Happens(new InviteCancelled(response.Transaction)).Effects);
        Assert.Null(storing.Leg.Reinvite);
    }

    [Fact]
    public void Who_never_acknowledges_his_reinvite_is_sent_bye()
    {
        foreach (var isTold in (bool[])[true, false])
        {
            var storing = Storing.Deposit();
            var response = storing.Answers(storing.Reinvite(Moved(), cseq: 7));

            var outcome = isTold
                ? storing.Happens(new AckTimedOut(response.Transaction, storing.Leg.Dialog))
                : storing.Elapses(policy.TransactionDeadline);

            Assert.Equal("BYE", outcome.Single<SendRequest>().Request.Method);
        }
    }

    [Fact]
    public void After_a_restart_of_kamailio_nobody_tells_of_that_ack()
    {
        var storing = Storing.Deposit();
        storing.Arrives(storing.Reinvite(Moved(), cseq: 7));

        storing.Happens(new LinkRestarted());

        Assert.Null(storing.Leg.Reinvite);
        Assert.Equal(LegState.Active, storing.Leg.State);
    }
}
