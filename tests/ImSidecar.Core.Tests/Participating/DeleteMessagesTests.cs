using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>IM 11: a REFER to the deferred-messaging URI deletes messages.</summary>
public class DeleteMessagesTests
{
    private static Storing WithMessages() => new() { Waiting = new() { Waiting = new(3, 300), Found = [4, 17] } };

    [Fact]
    public void It_is_answered_when_they_are_gone_and_not_before()
    {
        var storing = WithMessages();

        var asked = storing.Arrives(Storing.Deletes("4,5,17") with { ReferSub = false });
        var remove = Assert.IsType<RemoveDeferred>(Assert.Single(asked.Effects));
        Assert.Equal((bob.AddressKey, DeferredEnd.Deleted), (remove.User, remove.End));
        Assert.Equal([4, 17], remove.Numbers);

        Assert.Empty(storing.Happens(new DeferredRemoved([4])).Effects);
        var done = storing.Happens(new DeferredRemoved([4, 17]));

        var response = Assert.IsType<Respond>(Assert.Single(done.Effects));
        Assert.Equal((SipStatus.Accepted, "false"), (response.Status, response.Headers.First("Refer-Sub")));
        Assert.Null(done.Next);
    }

    [Fact]
    public void Who_wants_to_know_hears_that_it_is_done()
    {
        var storing = WithMessages();
        storing.Arrives(Storing.Deletes("4,17"));

        var done = storing.Happens(new DeferredRemoved([4, 17]));

        Assert.Null(done.Single<Respond>().Headers.First("Refer-Sub"));
        var notify = done.Single<SendRequest>().Request;
        Assert.Equal(("NOTIFY", "local-bob", "from-bob"), (notify.Method, notify.FromTag, notify.ToTag));
        Assert.Equal("refer", notify.Headers.First("Event"));
        Assert.Equal("terminated;reason=noresource", notify.Headers.First("Subscription-State"));
        Assert.Equal("SIP/2.0 200 OK\r\n", notify.Body.Text());
    }

    [Fact]
    public void When_the_store_says_nothing_in_time_it_has_failed()
    {
        var storing = WithMessages();
        storing.Arrives(Storing.Deletes("4"));
        Assert.NotNull(DeferredSessionMachine.NextDue(storing.State!));

        Assert.Empty(storing.Elapses(TimeSpan.FromSeconds(10)).Effects);
        var late = storing.Elapses(TimeSpan.FromSeconds(10));

        Assert.Equal(SipStatus.ServiceUnavailable, late.Single<Respond>().Status);
        Assert.Null(late.Next);
    }

    [Theory]
    [InlineData("4", "INVITE", 400)]
    [InlineData(null, "BYE", 400)]
    [InlineData("four", "BYE", 400)]
    [InlineData("99", "BYE", 404)]
    public void What_names_no_messages_of_his_deletes_none(string? messages, string method, int code)
    {
        var storing = WithMessages();

        var outcome = storing.Arrives(Storing.Deletes(null) with
        {
            Targets = [new(Storing.store, null, method) { Messages = messages }],
        });

        Assert.Equal(code, Assert.IsType<Respond>(Assert.Single(outcome.Effects)).Status.Code);
        Assert.Null(outcome.Next);
    }

    [Fact]
    public void A_refer_to_somebody_else_deletes_nothing() =>
        Assert.Equal(SipStatus.BadRequest, WithMessages().Answers(Storing.Deletes(null) with
        {
            Targets = [new(carol, null, "BYE") { Messages = "4" }],
        }).Status);

    [Fact]
    public void Only_the_user_himself_deletes()
    {
        Assert.Equal(SipStatus.Forbidden, WithMessages().Answers(Storing.Deletes("4", carol)).Status);
        Assert.Equal(SipStatus.Forbidden, WithMessages().Answers(
            Storing.Deletes("4").WithHead(head => head with { Identities = [] })).Status);
        Assert.Equal(SipStatus.BadRequest, WithMessages().Answers(
            Storing.Deletes("4").WithHead(head => head with { Contact = null })).Status);
    }

    [Fact]
    public void Without_the_store_nothing_is_deleted() =>
        Assert.Equal(SipStatus.ServiceUnavailable, new Storing { Waiting = new() { IsUnavailable = true } }
            .Answers(Storing.Deletes("4")).Status);

    [Fact]
    public void A_copy_of_it_deletes_nothing_twice()
    {
        var storing = WithMessages();
        storing.Arrives(Storing.Deletes("4"));

        var copy = storing.Arrives(Storing.Deletes("4"));

        Assert.Equal(SipStatus.LoopDetected, Assert.IsType<Respond>(Assert.Single(copy.Effects)).Status);
    }

    [Fact]
    public void A_session_is_no_place_for_it() =>
        Assert.Equal(SipStatus.NotFound, Storing.Fetch().Answers(
            Storing.Deletes("4").WithHead(head => head with { Uri = Storing.self })).Status);

    [Fact]
    public void What_a_restart_has_left_was_answered_by_the_link()
    {
        foreach (var restart in (AggregateEvent[])[new NodeStarted(), new LinkRestarted(), new RequestTransactionEnded("t-REFER-bob", 503)])
        {
            var storing = WithMessages();
            storing.Arrives(Storing.Deletes("4"));

            var outcome = storing.Happens(restart);

            Assert.Null(outcome.Next);
            Assert.Empty(outcome.Effects);
        }
    }

    [Theory]
    [InlineData("4", 1)]
    [InlineData("4,17,4", 2)]
    [InlineData("4%2C17", 2)]
    [InlineData("", 0)]
    [InlineData("4,", 0)]
    [InlineData("99999999999999999999", 0)]
    public void Numbers_stand_with_commas_between(string text, int count)
    {
        Assert.Equal(count > 0, MessageNumbers.TryParse(text, out var numbers));
        Assert.Equal(count, numbers.Length);
    }

    [Fact]
    public void More_than_a_hundred_are_too_many()
    {
        Assert.True(MessageNumbers.TryParse(string.Join(',', Enumerable.Range(1, 100)), out _));
        Assert.False(MessageNumbers.TryParse(string.Join(',', Enumerable.Range(1, 101)), out _));
    }
}
