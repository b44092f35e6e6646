using ImSidecar.Core.Conferences;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Notifications;

/// <summary>IM 7.2.1.7/10: how and when the outcome of a REFER is told.</summary>
public class ReferProgressTests
{
    private static string Told(Scene scene) => scene.Progress.Request.Body.Text();

    [Fact, Trait("Spec", "IM 7.2.1.7/10")]
    public void In_the_dialog_of_the_leg_it_counts_with_the_leg()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Refers(bob, dave);

        var notify = scene.Progress.Request;
        var bye = scene.Expels(bob, bob).Effects.OfType<SendRequest>()
            .Single(each => each.Request.Method == "BYE").Request;

        Assert.Equal(scene.InviteTo(bob).Request.CallId, notify.CallId);
        Assert.Equal("refer;id=1", notify.Headers.First("Event"));
        Assert.Equal(notify.CSeq + 1, bye.CSeq);
    }

    [Fact, Trait("Spec", "IM 7.2.1.7/10")]
    public void Who_does_not_take_it_is_told_no_more()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Refers(bob, dave);

        scene.AnswersProgress(481);

        Assert.Empty(scene.Conference!.Referrals);
    }

    [Fact, Trait("Spec", "IM 7.2.1.2/3"), Trait("Spec", "IM 7.2.1.3/4"), Trait("Spec", "IM 7.2.1.4/4")]
    [Trait("Spec", "IM 7.2.1.5/4")]
    public void Whose_Allow_names_no_NOTIFY_gets_none()
    {
        var scene = new Scene(With(GroupOfThree));
        scene.Arrives(InviteGroup(alice).With("Allow", "INVITE, ACK, BYE, REFER"));
        scene.Acknowledges(alice);

        var decision = scene.Expels(alice, alice);

        Assert.Equal("false", decision.Effects.OfType<Respond>().Single().Headers.First("Refer-Sub"));
        Assert.Empty(decision.Conference!.Referrals);
    }

    [Fact]
    public void Who_left_is_told_no_more()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Refers(bob, dave);

        scene.Leaves(bob);

        Assert.Empty(scene.Conference!.Referrals);
    }

    [Fact]
    public void What_was_in_flight_when_kamailio_restarted_goes_again()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Refers(bob, dave);
        var first = scene.Progress.Key;

        scene.Happens(new LinkRestarted());

        Assert.NotEqual(first, scene.Progress.Key);
        Assert.Single(scene.Conference!.Referrals);
    }

    [Fact]
    public void Who_never_answers_costs_the_referral()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Refers(bob, dave);

        scene.After(policy.TransactionDeadline.TotalSeconds);

        Assert.Empty(scene.Conference!.Referrals);
    }

    [Fact]
    public void An_invitation_that_comes_to_nothing_is_told_as_408_in_the_end()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Refers(bob, dave);
        scene.AnswersProgress();

        scene.After(policy.NoAnswer.TotalSeconds);
        scene.After(policy.TransactionDeadline.TotalSeconds);
        scene.After(policy.TransactionDeadline.TotalSeconds);

        Assert.Equal("SIP/2.0 408 Request Timeout\r\n", Told(scene));
    }

    [Fact]
    public void Of_a_list_each_is_told_by_name()
    {
        var scene = Scene.Settled(alice, bob, carol);

        scene.Refers(alice, true, new ReferTarget(dave, null, "INVITE"), new ReferTarget(bob, null, "INVITE"));
        Assert.Equal("SIP/2.0 100 Trying\r\nTo: <sip:dave@example.net>\r\n", Told(scene));
        scene.AnswersProgress();

        Assert.Equal("SIP/2.0 200 OK\r\nTo: <sip:bob@example.com>\r\n", Told(scene));
        Assert.StartsWith(
            "active", scene.Progress.Request.Headers.First("Subscription-State"), StringComparison.Ordinal);
    }

    [Fact]
    public void It_waits_while_a_re_invite_of_ours_waits()
    {
        var scene = Scene.Settled(alice, bob, carol);
        scene.Loses(bob);

        var decision = scene.Refers(bob, dave);

        Assert.DoesNotContain(decision.Effects.OfType<SendRequest>(), each => each.Request.Method == "NOTIFY");
        Assert.Single(scene.Conference!.Referrals);
    }

    [Fact]
    public void No_more_are_followed_than_can_be_kept()
    {
        var scene = Scene.Settled(alice, bob, carol);
        for (var i = 0; i < Core.Notifications.ReferProgress.MaxReferrals; i++)
            scene.Refers(bob, alice);

        Assert.Equal(503, scene.Refers(bob, alice).Effects.OfType<Respond>().Single().Status.Code);
    }
}
