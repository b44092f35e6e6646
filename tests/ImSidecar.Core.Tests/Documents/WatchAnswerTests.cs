using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;

namespace ImSidecar.Core.Tests.Documents;

/// <summary>RFC 6665 4.1.2: what the notifier answers, and when we ask again.</summary>
public class WatchAnswerTests
{
    private static Watching Asking()
    {
        var watching = new Watching();
        watching.Happens(new DocumentsWanted([Watching.ski]));
        return watching;
    }

    private static TimeSpan Pause(Watching watching) =>
        DocumentWatchMachine.NextDue(watching.State!)!.Value - watching.Now;

    [Theory]
    [InlineData(489), InlineData(403), InlineData(404), InlineData(405), InlineData(501), InlineData(603)]
    public void Who_does_not_tell_us_is_asked_again_in_an_hour(int code)
    {
        var watching = Asking();

        Assert.Empty(watching.Answers(code).Effects);

        Assert.Null(watching.State!.Dialog);
        Assert.False(watching.State.IsWatching(Watching.ski));
        Assert.Equal(TimeSpan.FromHours(1), Pause(watching));
        Assert.Single(watching.Elapses(TimeSpan.FromHours(1)).Effects);
    }

    [Theory, InlineData(408), InlineData(500), InlineData(503), InlineData(480)]
    public void Who_fails_is_asked_again_ever_more_rarely(int code)
    {
        var watching = Asking();
        var pauses = new List<double>();
        for (var i = 0; i < 10; i++)
        {
            watching.Answers(code);
            pauses.Add(Pause(watching).TotalSeconds);
            watching.Elapses(Pause(watching));
        }

        Assert.Equal([5, 10, 20, 40, 80, 160, 320, 600, 600, 600], pauses);
        watching.Accepts();
        Assert.Equal(0, watching.State!.Failures);
    }

    [Fact]
    public void Who_asks_for_a_pause_gets_it_within_bounds()
    {
        var watching = Asking();
        watching.Answers(503, ("Retry-After", "30 (soon)"));
        Assert.Equal(TimeSpan.FromSeconds(30), Pause(watching));

        watching.Elapses(TimeSpan.FromSeconds(30));
        watching.Answers(503, ("Retry-After", "999999"));
        Assert.Equal(TimeSpan.FromMinutes(10), Pause(watching));
    }

    [Fact]
    public void Who_wants_longer_subscriptions_gets_them_once()
    {
        var watching = Asking();

        var again = watching.Answers(423, ("Min-Expires", "7200")).Single<SendRequest>().Request;

        Assert.Equal("7200", again.Headers.First("Expires"));
        Assert.Empty(watching.Answers(423, ("Min-Expires", "7200")).Effects);
    }

    [Fact]
    public void Nobody_answers_at_all()
    {
        var watching = Asking();
        var deadline = Pause(watching);
        Assert.Equal(policy.NoAnswer + policy.TransactionDeadline, deadline);

        Assert.Empty(watching.Elapses(deadline).Effects);

        Assert.Equal(TimeSpan.FromSeconds(5), Pause(watching));
    }

    [Fact]
    public void A_dialog_that_is_gone_is_replaced_at_once_and_then_with_pauses()
    {
        var watching = Watching.Settled(Watching.ski);
        watching.Elapses(TimeSpan.FromMinutes(45));

        var anew = watching.Answers(481).Single<SendRequest>().Request;

        Assert.Equal(("", 1L), (anew.ToTag, anew.CSeq));
        Assert.Empty(watching.Answers(481).Effects);
        Assert.Equal(TimeSpan.FromSeconds(10), Pause(watching));
    }

    [Fact]
    public void A_refresh_that_fails_is_tried_again_while_the_subscription_lasts()
    {
        var watching = Watching.Settled(Watching.ski);
        watching.Elapses(TimeSpan.FromMinutes(45));

        Assert.Empty(watching.Answers(500).Effects);

        var again = watching.Elapses(TimeSpan.FromSeconds(5)).Single<SendRequest>().Request;
        Assert.Equal(("notifier", 3L), (again.ToTag, again.CSeq));
    }

    [Fact]
    public void A_subscription_that_lasts_no_longer_begins_anew()
    {
        var watching = Watching.Settled(Watching.ski);

        Assert.Equal("", watching.Elapses(TimeSpan.FromHours(2)).Single<SendRequest>().Request.ToTag);
    }

    [Fact]
    public void A_success_without_tag_or_contact_makes_no_dialog()
    {
        var watching = Asking();

        watching.Answers(200, ("Expires", "600"));

        Assert.Null(watching.State!.Dialog);
        Assert.Equal(TimeSpan.FromHours(1), Pause(watching));
    }

    [Fact]
    public void A_grant_of_nothing_makes_no_storm()
    {
        var watching = Asking();

        Assert.Empty(watching.Accepts(0).Effects);

        Assert.Equal(TimeSpan.FromSeconds(7.5), Pause(watching));
    }

    [Fact]
    public void A_provisional_answer_and_one_to_an_earlier_request_change_nothing()
    {
        var watching = Asking();
        var before = watching.State;

        watching.Answers(100);
        watching.Happens(new ResponseArrived(
            new(Watching.id, "w", "SUBSCRIBE", 1, "other"), new(new(489, ""), Protocol.Sip.SipHeaders.Empty, default)));

        Assert.Same(before, watching.State);
    }
}
