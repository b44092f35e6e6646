using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Tests.Documents;

/// <summary>RFC 5875 4.6: what is told, when, and once.</summary>
public class DocumentNotifierTests
{
    private static readonly TimeSpan interval = policy.NotifyInterval;

    private static Watcher Quiet()
    {
        var watcher = Watcher.Settled();
        watcher.Now += interval;
        return watcher;
    }

    [Fact]
    public void A_change_is_told_with_both_etags()
    {
        var outcome = Quiet().Changes(Watcher.lists, "l2");

        Assert.Equal(
            new("resource-lists/users/sip:alice@example.com/index", "l1", "l2"),
            Assert.Single(Watcher.DiffOf(outcome)));
        Assert.Equal(2, outcome.Single<SendRequest>().Key.CSeq);
    }

    [Fact]
    public void A_new_document_has_no_previous_etag_and_a_deleted_one_no_new_one()
    {
        var watcher = Quiet();
        var more = Watcher.lists with { Path = "more" };

        Assert.Equal(
            new("resource-lists/users/sip:alice@example.com/more", null, "m1"),
            Assert.Single(Watcher.DiffOf(watcher.Changes(more, "m1"))));
        watcher.Answers(200);
        watcher.Now += interval;
        Assert.Equal(
            new("resource-lists/users/sip:alice@example.com/more", "m1", null),
            Assert.Single(Watcher.DiffOf(watcher.Changes(more, null))));
    }

    [Fact]
    public void What_is_as_told_is_not_told_again()
    {
        var watcher = Quiet();
        var before = watcher.State;

        Assert.Empty(watcher.Happens(new DocumentsChanged()).Effects);
        Assert.Same(before, watcher.State);
    }

    [Fact]
    public void What_others_own_is_not_told()
    {
        var watcher = Quiet();

        Assert.Empty(watcher.Changes(Watcher.ofBob, "b2").Effects);
        Assert.False(watcher.State!.HasNews);
    }

    [Fact]
    public void Changes_within_the_interval_are_told_together_when_it_is_over()
    {
        var watcher = Watcher.Settled();

        Assert.Empty(watcher.Changes(Watcher.lists, "l2").Effects);
        Assert.Empty(watcher.Changes(Watcher.lists, "l3").Effects);
        Assert.Empty(watcher.Changes(Watcher.rules, "r2").Effects);
        Assert.Equal(start + interval, DocumentSubscriptionMachine.NextDue(watcher.State!));

        var told = Watcher.DiffOf(watcher.Elapses(interval));
        Assert.Equal([("r1", "r2"), ("l1", "l3")], told.Select(each => (each.PreviousETag!, each.NewETag!)));
    }

    [Fact]
    public void What_is_back_as_it_was_when_the_interval_is_over_is_not_told()
    {
        var watcher = Watcher.Settled();
        watcher.Changes(Watcher.lists, "l2");
        watcher.Changes(Watcher.lists, "l1");

        Assert.False(watcher.State!.HasNews);
        Assert.Empty(watcher.Elapses(interval).Effects);
    }

    [Fact]
    public void One_notify_at_a_time_waits_for_its_answer()
    {
        var watcher = Quiet();
        watcher.Changes(Watcher.lists, "l2");
        watcher.Now += interval;

        Assert.Empty(watcher.Changes(Watcher.lists, "l3").Effects);

        var next = watcher.Answers(200);
        Assert.Equal(3, next.Single<SendRequest>().Key.CSeq);
        Assert.Equal(("l2", "l3"), (Watcher.DiffOf(next)[0].PreviousETag, Watcher.DiffOf(next)[0].NewETag));
    }

    [Fact]
    public void What_changed_while_the_node_was_away_is_told_when_it_is_back()
    {
        var watcher = Quiet();
        watcher.Facts = watcher.Facts with { Known = [new(Watcher.lists, "l9", alice.AddressKey)] };

        var told = Watcher.DiffOf(watcher.Happens(new NodeStarted()));

        Assert.Equal([("l1", "l9"), ("r1", null)], told.Select(each => (each.PreviousETag, each.NewETag)));
    }

    [Fact]
    public void After_a_restart_of_the_link_everything_is_told_again_by_another_request()
    {
        var watcher = Quiet();
        watcher.Changes(Watcher.lists, "l2");

        var again = watcher.Happens(new LinkRestarted());

        Assert.Equal(3, again.Single<SendRequest>().Key.CSeq);
        Assert.Equal([null, null], Watcher.DiffOf(again).Select(each => each.PreviousETag));
        Assert.Empty(Watcher.Settled().Happens(new LinkRestarted()).Effects);
    }

    [Fact]
    public void A_node_that_starts_has_patience_with_a_notify_in_flight()
    {
        var watcher = Quiet();
        watcher.Changes(Watcher.lists, "l2");
        watcher.Now += policy.TransactionDeadline - TimeSpan.FromSeconds(1);

        watcher.Happens(new NodeStarted());

        Assert.Equal(watcher.Now + policy.TransactionDeadline, watcher.State!.Subscription.AnswerBy);
    }

    [Theory, InlineData(481), InlineData(404), InlineData(408), InlineData(603)]
    public void A_client_who_refuses_a_notify_is_subscribed_no_more(int code)
    {
        var watcher = Quiet();
        watcher.Changes(Watcher.lists, "l2");

        Assert.Null(watcher.Answers(code).Next);
    }

    [Fact]
    public void A_client_who_asks_for_a_pause_gets_everything_after_it()
    {
        var watcher = Quiet();
        watcher.Changes(Watcher.lists, "l2");

        Assert.Empty(watcher.Answers(503, ("Retry-After", "20")).Effects);
        Assert.Empty(watcher.Changes(Watcher.lists, "l3").Effects);
        Assert.Equal(2, Watcher.DiffOf(watcher.Elapses(TimeSpan.FromSeconds(20))).Length);
    }

    [Theory, InlineData(513), InlineData(477)]
    public void When_the_list_is_too_large_for_his_transport_he_is_told_so_without_it(int code)
    {
        var watcher = Quiet();
        watcher.Changes(Watcher.lists, "l2");

        var last = watcher.Answers(code).Single<SendRequest>().Request;

        Assert.True(last.Body.IsEmpty);
        Assert.Equal("terminated;reason=probation;retry-after=3600", last.Headers.First("Subscription-State"));
    }

    [Fact]
    public void A_provisional_answer_a_stray_one_and_a_late_one_change_nothing()
    {
        var watcher = Quiet();
        watcher.Changes(Watcher.lists, "l2");
        var before = watcher.State;

        watcher.Answers(100);
        watcher.Happens(new ResponseArrived(
            new(Watcher.id, "s", "NOTIFY", 1), new(SipStatus.NoSuchDialog, SipHeaders.Empty, default)));
        Assert.Same(before, watcher.State);

        watcher.Answers(200);
        before = watcher.State;
        watcher.Answers(481);
        Assert.Same(before, watcher.State);
    }

    [Fact]
    public void Who_does_not_refresh_gets_a_last_notify()
    {
        var watcher = Quiet();

        var last = watcher.Elapses(TimeSpan.FromHours(1)).Single<SendRequest>().Request;

        Assert.Equal("terminated;reason=timeout", last.Headers.First("Subscription-State"));
        Assert.True(last.Body.IsEmpty);
    }

    [Fact]
    public void Who_answers_nothing_is_subscribed_no_more()
    {
        var watcher = Quiet();
        watcher.Changes(Watcher.lists, "l2");

        Assert.Null(watcher.Elapses(policy.TransactionDeadline).Next);
    }

    [Fact]
    public void Documents_that_cannot_be_read_are_looked_at_again()
    {
        var watcher = Quiet();
        var known = watcher.Facts.Known;
        watcher.Facts = watcher.Facts with { Known = null };

        Assert.Empty(watcher.Happens(new DocumentsChanged()).Effects);
        Assert.Empty(watcher.Elapses(interval).Effects);
        var before = watcher.State;
        watcher.Happens(new DocumentsChanged());
        Assert.Same(before, watcher.State);

        watcher.Facts = watcher.Facts with { Known = known!.Value.RemoveAt(0) };
        Assert.Equal("l1", Assert.Single(Watcher.DiffOf(watcher.Elapses(interval))).PreviousETag);
    }

    [Fact]
    public void A_subscription_ends_without_its_documents_too()
    {
        var watcher = Quiet();
        watcher.Facts = watcher.Facts with { Known = null };

        var last = watcher.Elapses(TimeSpan.FromHours(1)).Single<SendRequest>().Request;

        Assert.Equal("terminated;reason=timeout", last.Headers.First("Subscription-State"));
        Assert.Null(watcher.Answers(200).Next);
    }

    [Fact]
    public void When_the_documents_move_to_another_server_the_subscription_ends()
    {
        var watcher = Quiet();
        watcher.Facts = watcher.Facts with { AreOurs = false, Known = [] };

        var last = watcher.Happens(new NodeStarted()).Single<SendRequest>().Request;

        Assert.Equal("terminated;reason=noresource", last.Headers.First("Subscription-State"));
    }

    [Fact]
    public void A_group_that_is_somebody_elses_now_is_gone_for_its_former_owner()
    {
        var ski = DocumentSelector.OfGroup("sip:ski@groups.example.com");
        var watcher = new Watcher();
        watcher.Facts = watcher.Facts with { Known = [new(ski, "g1", alice.AddressKey)] };
        watcher.Arrives(Watcher.Asks(
            documents: "org.openmobilealliance.groups/global/byGroupID/sip:ski@groups.example.com"));
        watcher.Answers(200);
        watcher.Now += interval;
        watcher.Facts = watcher.Facts with { Known = [new(ski, "g2", bob.AddressKey)] };

        Assert.Equal(
            ("g1", null),
            Watcher.DiffOf(watcher.Happens(new DocumentsChanged()))
                .Select(each => (each.PreviousETag, each.NewETag)).Single());
    }
}
