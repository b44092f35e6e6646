using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>What was kept comes as MESSAGEs to who has no MSRP, or it is only said that something waits.</summary>
public class PageModePushTests
{
    /// <summary>Bob's phone takes no MSRP.</summary>
    private static Pushing WithoutMsrp(params long[] numbers)
    {
        var pushing = new Pushing();
        pushing.BobComes();
        pushing.Answers(488);
        Has(pushing, numbers);
        return pushing;
    }

    private static void Has(Pushing pushing, params long[] numbers) => pushing.Known = new()
    {
        IsReachable = true,
        Waiting = new(numbers.Length, numbers.Length * 400),
        Next = numbers.Length == 0 ? null : Pushing.Message(numbers[0]),
    };

    [Theory]
    [InlineData(488)]
    [InlineData(415)]
    [InlineData(606)]
    public void Who_takes_no_MSRP_gets_them_as_they_were_sent(int code)
    {
        var pushing = new Pushing();
        pushing.BobComes();
        pushing.Answers(code);
        Has(pushing, 3);

        var sent = pushing.Elapses(TimeSpan.Zero).Single<SendRequest>();

        Assert.Equal(
            ("MESSAGE", bob, "<sip:alice@example.com>", "49583"),
            (sent.Request.Method, sent.Request.Uri, sent.Request.From, sent.Request.FromTag));
        Assert.Equal(("asd88asd77a@192.0.2.10", 1), (sent.Request.CallId, sent.Request.CSeq));
        Assert.Equal("Fri, 20 Nov 2026 09:30:00 GMT", sent.Request.Headers.First("Date"));
        Assert.Equal("<sip:alice@example.com>", sent.Request.Headers.First("P-Asserted-Identity"));
        Assert.Null(sent.Request.Headers.First("Via"));
        Assert.Equal("Watson, come here.", Encoding.UTF8.GetString(sent.Request.Body.Span));
        Assert.True(sent.Request.IsAboveRules);
    }

    [Fact]
    public void Who_answers_without_a_stream_that_he_takes_hears_BYE_and_gets_MESSAGEs()
    {
        var pushing = new Pushing();
        pushing.BobComes();

        var outcome = pushing.Answers(200, direction: "inactive");

        Assert.Equal("BYE", outcome.Single<SendRequest>().Request.Method);
        outcome.Single<SendAck>();
        pushing.ByeAnswered();
        Has(pushing, 3);
        Assert.Equal("MESSAGE", pushing.Elapses(TimeSpan.Zero).Single<SendRequest>().Request.Method);
    }

    [Fact]
    public void The_next_one_goes_when_the_store_has_forgotten_the_last_one()
    {
        var pushing = WithoutMsrp(3, 4);
        pushing.Elapses(TimeSpan.Zero);

        var removal = Assert.IsType<RemoveDeferred>(Assert.Single(pushing.Answers(200, method: "MESSAGE").Effects));
        Assert.Equal(("sip:bob@example.com", DeferredEnd.Delivered), (removal.User, removal.End));
        Assert.Equal([3], removal.Numbers);

        Has(pushing, 4);
        pushing.Happens(new DeferredRemoved([3])).Single<SendRequest>();
        pushing.Answers(202, method: "MESSAGE").Single<RemoveDeferred>();
        Has(pushing);
        pushing.Happens(new DeferredRemoved([4]));
        Assert.Null(pushing.State);
    }

    [Fact]
    public void What_is_refused_stays_and_is_tried_again()
    {
        var pushing = WithoutMsrp(3);
        var first = pushing.Elapses(TimeSpan.Zero).Single<SendRequest>();

        Assert.Empty(pushing.Answers(480, method: "MESSAGE").Effects);
        var second = pushing.Elapses(TimeSpan.FromSeconds(30)).Single<SendRequest>();

        Assert.NotEqual(first.Key, second.Key);
        Assert.Equal((first.Request.CallId, first.Request.CSeq), (second.Request.CallId, second.Request.CSeq));
    }

    [Fact]
    public void A_removal_that_the_store_has_not_done_is_asked_for_again()
    {
        var pushing = WithoutMsrp(3);
        pushing.Elapses(TimeSpan.Zero);
        pushing.Answers(200, method: "MESSAGE");

        pushing.Happens(new NodeStarted()).Single<RemoveDeferred>();
        pushing.Elapses(policy.TransactionDeadline).Single<RemoveDeferred>();
    }

    [Theory]
    [InlineData(false, "<sip:alice@example.com>", "<sip:alice@example.com>")]
    [InlineData(true, "<sip:anonymous@anonymous.invalid>", "<sip:deferred@im.example.com>")]
    public void What_was_said_in_a_session_goes_as_CPIM(bool isAnonymous, string from, string asserted)
    {
        var pushing = WithoutMsrp();
        var send = "MSRP dkei38sd SEND\r\nTo-Path: msrp://im.example.com:12763/kjhd37s2s20w2a;tcp\r\n"
            + "From-Path: msrp://pc1.example.com:7654/jshA7weztas;tcp\r\nMessage-ID: 45600001\r\n"
            + "Byte-Range: 1-20/20\r\nContent-Type: text/plain\r\n\r\nHi, Alice!  I'm Bob!\r\n-------dkei38sd$\r\n";
        pushing.Known = new()
        {
            IsReachable = true,
            Waiting = new(1, 100),
            Next = Pushing.Message(3) with
            {
                IsAnonymous = isAnonymous,
                Content = new("INVITE sip:bob@example.com SIP/2.0\r\n\r\n"u8.ToArray(), Encoding.UTF8.GetBytes(send)),
            },
        };

        var sent = pushing.Elapses(TimeSpan.Zero).Single<SendRequest>().Request;

        Assert.Equal((from, asserted), (sent.From, sent.Headers.First("P-Asserted-Identity")));
        Assert.Equal("message/cpim", sent.Headers.First("Content-Type"));
        Assert.Equal("Fri, 20 Nov 2026 09:30:00 GMT", sent.Headers.First("Date"));
        Assert.EndsWith("Hi, Alice!  I'm Bob!", Encoding.UTF8.GetString(sent.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_go_as_a_MESSAGE_waits_for_another_client()
    {
        var pushing = WithoutMsrp();
        pushing.Known = new()
        {
            IsReachable = true,
            Waiting = new(1, 100),
            Next = Pushing.Message(3) with { Content = new("INVITE"u8.ToArray(), "MSRP"u8.ToArray()) },
        };

        Assert.Empty(pushing.Elapses(TimeSpan.Zero).Effects);
        Assert.Null(pushing.State);
    }

    [Fact]
    public void Another_client_that_came_meanwhile_is_called_for_what_cannot_go_as_a_MESSAGE()
    {
        var pushing = WithoutMsrp(3, 4);
        pushing.Elapses(TimeSpan.Zero);
        pushing.BobComes();
        pushing.Answers(200, method: "MESSAGE");
        pushing.Known = pushing.Known with
        {
            Next = Pushing.Message(4) with { Content = new("INVITE"u8.ToArray(), "MSRP"u8.ToArray()) },
        };

        pushing.Happens(new DeferredRemoved([3]));
        Assert.Equal("INVITE", pushing.Elapses(TimeSpan.Zero).Single<SendRequest>().Request.Method);

        // He takes no MSRP either: that was it.
        pushing.Answers(488);
        Assert.Empty(pushing.Elapses(TimeSpan.Zero).Effects);
        Assert.Null(pushing.State);
    }

    [Theory]
    [InlineData(1, "1 message waits for you: sip:deferred@im.example.com")]
    [InlineData(3, "3 messages wait for you: sip:deferred@im.example.com")]
    public void Who_wants_only_to_know_is_told_once(int waiting, string text)
    {
        var pushing = new Pushing
        {
            Known = new() { IsReachable = true, Waiting = new(waiting, 100), Delivery = DeferredDelivery.Notify },
        };

        var sent = pushing.BobComes().Single<SendRequest>().Request;

        Assert.Equal(("MESSAGE", text), (sent.Method, Encoding.UTF8.GetString(sent.Body.Span)));
        pushing.Answers(200, method: "MESSAGE");
        Assert.Null(pushing.State);
    }
}
