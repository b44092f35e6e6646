using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Messages;

/// <summary>What becomes of each recipient of a message to several.</summary>
public class DeliveryTests
{
    private static Sending Sent()
    {
        var sending = new Sending();
        sending.Arrives(Sending.ToList(alice, bob.Text, carol.Text).With("Expires", "3600"));
        return sending;
    }

    [Fact]
    public void It_is_over_when_all_have_answered_and_forgotten_when_no_copy_can_come()
    {
        var sending = Sent();
        sending.Answers("r1", 200);
        Assert.Null(sending.Message.ForgetAt);
        sending.Answers("r2", 404);

        Assert.True(sending.Message.Recipients["r1"].HasIt);
        Assert.Equal(404, sending.Message.Recipients["r2"].Code);
        Assert.Equal(start + policy.ForgetAfter, MessageMachine.NextDue(sending.Message));
        Assert.True(sending.Message.Content.Body.IsEmpty);
        Assert.Null(sending.Waits(policy.ForgetAfter).Next);
    }

    [Fact]
    public void A_provisional_answer_changes_nothing()
    {
        var sending = Sent();
        var before = sending.State;

        Assert.Same(before, sending.Answers("r1", 100).Next);
    }

    [Fact, Trait("Spec", "RFC 3261 21.5.4")]
    public void Who_has_no_time_is_asked_again_when_he_said_a_few_times()
    {
        var sending = Sent();
        sending.Answers("r2", 200);
        sending.Answers("r1", 503, ("Retry-After", "7 (busy)"));
        Assert.Equal(start.AddSeconds(7), MessageMachine.NextDue(sending.Message));

        var again = Assert.Single(sending.Sent(sending.Waits(TimeSpan.FromSeconds(7))));
        Assert.Equal((bob, 2), (again.Uri, again.CSeq));
        sending.Answers("r1", 503);
        Assert.Single(sending.Sent(sending.Waits(policy.MessageRetryInterval)));
        sending.Answers("r1", 503);

        Assert.NotNull(sending.Message.ForgetAt);
        Assert.Equal(503, sending.Message.Recipients["r1"].Code);
    }

    [Theory]
    [InlineData("10", 10)]
    [InlineData("99999999999", 3600)]
    [InlineData(null, null)]
    public void Who_is_not_there_is_asked_again_if_he_is_said_to_be_there_later(string? retryAfter, int? pause)
    {
        var sending = Sent();
        sending.Answers("r2", 200);

        sending.Answers("r1", 480, retryAfter is null ? [] : [("Retry-After", retryAfter)]);

        Assert.Equal(start.AddSeconds(pause ?? 0), sending.Message.Recipients["r1"].RetryAt ?? start);
    }

    [Fact]
    public void Who_does_not_answer_is_asked_again_and_a_late_answer_to_the_first_counts()
    {
        var sending = Sent();
        var first = new ActionKey(Sending.id, "r1", "MESSAGE", 1);
        sending.Answers("r2", 200);
        sending.Happens(new ResponseArrived(
            first, new(SipStatus.RequestTimeout, SipHeaders.Empty, default, IsLocal: true)));
        sending.Waits(policy.MessageRetryInterval);

        sending.Happens(new ResponseArrived(first, new(new(480, "Late"), SipHeaders.Empty, default)));
        Assert.False(sending.Message.Recipients["r1"].IsSettled);
        sending.Happens(new ResponseArrived(first, new(SipStatus.Ok, SipHeaders.Empty, default)));

        Assert.True(sending.Message.Recipients["r1"].HasIt);
    }

    [Fact]
    public void Without_any_answer_time_decides()
    {
        var sending = Sent();
        var patience = policy.NoAnswer + policy.TransactionDeadline;
        Assert.Equal(start + patience, MessageMachine.NextDue(sending.Message));

        sending.Waits(patience);

        Assert.All(sending.Message.Recipients.Values, each => Assert.Equal(408, each.Code));
        Assert.Equal(2, sending.Sent(sending.Waits(policy.MessageRetryInterval)).Length);
    }

    [Fact, Trait("Spec", "RFC 3428 7")]
    public void What_has_expired_is_not_sent_again()
    {
        var sending = Sent();
        sending.Answers("r1", 200);
        sending.Answers("r2", 503, ("Retry-After", "3600"));

        Assert.Empty(sending.Waits(TimeSpan.FromSeconds(3600)).Effects);
        Assert.NotNull(sending.Message.ForgetAt);
    }

    [Fact]
    public void A_message_that_is_too_large_for_one_is_not_sent_to_him_again()
    {
        var sending = Sent();
        sending.Answers("r1", 513);

        Assert.True(sending.Message.Recipients["r1"].IsSettled);
    }

    [Fact, Trait("Spec", "RFC 3261 8.2.2.2")]
    public void After_a_restart_of_Kamailio_who_has_it_already_has_it()
    {
        var sending = Sent();
        sending.Facts = sending.Facts with { Now = start.AddSeconds(50) };
        sending.Happens(new LinkRestarted());

        // The same requests, under the same keys.
        Assert.NotNull(PageRequests.Render(sending.Message, new(new(Sending.id, "r1", "MESSAGE", 1))));
        sending.Answers("r1", 482);
        Assert.True(sending.Message.Recipients["r1"].HasIt);
        Assert.Equal(
            start.AddSeconds(50) + policy.NoAnswer + policy.TransactionDeadline,
            MessageMachine.NextDue(sending.Message));
    }

    [Fact]
    public void A_loop_is_no_delivery()
    {
        var sending = Sent();
        sending.Happens(new NodeStarted());
        sending.Answers("r1", 482);

        Assert.False(sending.Message.Recipients["r1"].HasIt);
    }

    [Fact]
    public void What_is_answered_or_overtaken_is_not_sent()
    {
        var sending = Sent();
        sending.Answers("r1", 200);

        Assert.Null(PageRequests.Render(sending.Message, new(new(Sending.id, "r1", "MESSAGE", 1))));
        Assert.Null(PageRequests.Render(sending.Message, new(new(Sending.id, "r2", "MESSAGE", 2))));
        Assert.Null(PageRequests.Render(sending.Message, new(new(Sending.id, "r9", "MESSAGE", 1))));
    }
}
