using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>What becomes of what is said to a user who is away; App. D.2, IM 11.</summary>
public class KeepForUserTests
{
    private const string Cpim =
        "From: <sip:alice@example.com>\r\nTo: <sip:bob@example.com>\r\nDateTime: 2026-11-20T09:29:59Z\r\n"
        + "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: Dk3\r\n"
        + "imdn.Disposition-Notification: positive-delivery, negative-delivery\r\n"
        + "imdn.IMDN-Record-Route: <sip:pm-1@im.example.com>\r\n\r\nContent-Type: text/plain\r\n\r\nHello";

    private static Respond Refused(Effect effect, int code, string warning)
    {
        var respond = Assert.IsType<Respond>(effect);
        Assert.Equal((code, warning), (respond.Status.Code, respond.Warning));
        return respond;
    }

    private static string Rule(string action) => Rules.Documents.Rule("offline", "", action);

    [Fact, Trait("Spec", "IM D.2/intro-1")]
    public void A_message_to_a_user_who_is_away_is_kept_whole()
    {
        var serving = Serving.Away();

        var kept = Assert.IsType<Defer>(serving.Answers(Pushing.PageMode("Watson, come here."))).Message;

        Assert.Equal(
            """
            MESSAGE sip:bob@example.com SIP/2.0
            Via: SIP/2.0/TCP pc1.example.com;branch=z9hG4bK776sgdkse
            Max-Forwards: 70
            From: <sip:alice@example.com>;tag=49583
            To: <sip:bob@example.com>
            Call-ID: asd88asd77a@192.0.2.10
            P-Asserted-Identity: <sip:alice@example.com>
            Date: Fri, 20 Nov 2026 09:30:00 GMT
            CSeq: 1 MESSAGE
            Content-Type: text/plain
            Content-Length: 18

            Watson, come here.
            """.ReplaceLineEndings("\r\n"),
            Encoding.UTF8.GetString(kept.Content.Sip.Span));
        Assert.True(kept.Content.IsPageMode);
        Assert.Equal(("sip:bob@example.com", bob, alice), (kept.User, kept.Recipient, kept.Sender));
        Assert.Equal((start, start.AddDays(30)), (kept.ReceivedAt, kept.ExpiresAt));
        Assert.Null(kept.Notices);
        Assert.Null(serving.State);
    }

    [Theory]
    [InlineData(Deferral.Kept, 202, null)]
    [InlineData(Deferral.Known, 202, null)]
    [InlineData(Deferral.UserFull, 480, "User is not available and his mailbox is full")]
    [InlineData(Deferral.NodeFull, 503, "No room for more messages")]
    [InlineData(Deferral.Unavailable, 503, "Messages cannot be kept now")]
    public void The_sender_hears_what_the_store_has_said(Deferral outcome, int code, string? warning)
    {
        var answer = Assert.Single(Serving.Away().Happens(new DeferralSettled("t-1", outcome)).Effects);

        var respond = Assert.IsType<Respond>(answer);
        Assert.Equal(("t-1", code, warning), (respond.Transaction, respond.Status.Code, respond.Warning));
    }

    [Fact]
    public void A_copy_has_the_same_key_and_another_message_another_one()
    {
        var serving = Serving.Away();
        var first = Assert.IsType<Defer>(serving.Answers(Pushing.PageMode("one"))).Message;
        var copy = Assert.IsType<Defer>(serving.Answers(Pushing.PageMode("one"))).Message;
        var next = Assert.IsType<Defer>(serving.Answers(
            Pushing.PageMode("one").WithHead(head => head with { CSeq = 2 }))).Message;

        Assert.Equal(first.Key, copy.Key);
        Assert.NotEqual(first.Key, next.Key);
    }

    [Theory]
    [InlineData("60", 60)]
    [InlineData("31536000", 30 * 24 * 3600)]
    public void The_sender_may_have_it_kept_shorter_but_not_longer(string expires, int seconds)
    {
        var message = Assert.IsType<Defer>(Serving.Away().Answers(
            Pushing.PageMode("one").With("Expires", expires))).Message;

        Assert.Equal(start.AddSeconds(seconds), message.ExpiresAt);
    }

    [Fact]
    public void A_message_that_is_of_no_use_later_is_not_kept() => Refused(
        Serving.Away().Answers(Pushing.PageMode("one").With("Expires", "0")),
        480, "User is not available and the message has expired");

    [Fact]
    public void What_the_sender_wants_to_hear_is_kept_with_it()
    {
        var message = Assert.IsType<Defer>(Serving.Away().Answers(Pushing.PageMode(Cpim, "message/cpim"))).Message;

        Assert.Equal(
            new DeferredNotices("Dk3", "2026-11-20T09:29:59Z", true, true) { Route = "sip:pm-1@im.example.com" },
            message.Notices);
    }

    [Fact]
    public void That_it_was_delivered_the_client_alone_says_where_the_operator_has_it_so()
    {
        var serving = Serving.Away();
        serving.Deferred = serving.Deferred with { ReportsDelivery = false };

        var message = Assert.IsType<Defer>(serving.Answers(Pushing.PageMode(Cpim, "message/cpim"))).Message;

        Assert.Equal((false, true), (message.Notices!.Delivery, message.Notices.NegativeDelivery));
    }

    [Theory]
    [InlineData("<isComposing/>", "application/im-iscomposing+xml")]
    [InlineData(
        "From: <sip:alice@example.com>\r\nTo: <sip:bob@example.com>\r\n\r\n"
        + "Content-Type: application/im-iscomposing+xml\r\n\r\n<isComposing/>", "message/cpim")]
    public void That_somebody_is_typing_is_not_kept(string body, string type) => Refused(
        Serving.Away().Answers(Pushing.PageMode(body, type)),
        480, "User is not available and such messages are not kept");

    [Fact]
    public void An_empty_message_is_not_kept() => Refused(
        Serving.Away().Answers(Pushing.PageMode("")), 480, "User is not available and the message is empty");

    [Fact]
    public void A_message_that_is_too_large_is_refused()
    {
        var serving = Serving.Away();
        serving.Deferred = serving.Deferred with { MaxMessageBytes = 1024 };

        Refused(serving.Answers(Pushing.PageMode(new('a', 1024))), 413, "Message is larger than 1024 bytes");
    }

    [Fact]
    public void The_rules_of_the_user_say_whose_messages_are_kept()
    {
        var serving = Serving.Away();
        serving.AccessRules = Serving.RulesOf(Rule("<oxe:allow-offline-storage oxe:allow='false'/>"));

        var refusal = Refused(
            serving.Answers(Pushing.PageMode("one")),
            480, "User is not available and keeps no messages of yours");

        Assert.Contains("allow-offline-storage", refusal.Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sip:alice@example.com")]
    [InlineData("sip:bob@example.com")]
    public void The_operator_bars_senders_and_recipients(string barred)
    {
        var serving = Serving.Away();
        serving.Deferred = serving.Deferred with { Barred = [Uri(barred).PersonKey] };

        Refused(
            serving.Answers(Pushing.PageMode("one")),
            403, "The operator keeps no messages for this user or from this one");
    }

    [Theory]
    [InlineData(DeferredDelivery.Off, null, false)]
    [InlineData(DeferredDelivery.Push, DeferredDelivery.Off, false)]
    [InlineData(DeferredDelivery.Off, DeferredDelivery.Notify, true)]
    public void The_user_says_whether_anything_is_kept(DeferredDelivery all, DeferredDelivery? his, bool isKept)
    {
        var serving = Serving.Away();
        serving.Deferred = serving.Deferred with { Delivery = all };
        serving.Happens(new ServiceSettingsChanged(bob, new() { Delivery = his }));

        var answer = serving.Answers(Pushing.PageMode("one"));

        if (isKept)
            Assert.IsType<Defer>(answer);
        else
            Refused(answer, 480, TerminatingHalf.NotAvailable);
    }

    [Fact]
    public void Of_who_hides_nothing_is_kept_that_tells_who_he_is()
    {
        var hidden = Pushing.PageMode("one").With("Privacy", "id").With("Contact", "<sip:alice@pc1.example.com>");

        var message = Assert.IsType<Defer>(Serving.Away().Answers(hidden)).Message;

        Assert.True(message.IsAnonymous);
        var text = Encoding.UTF8.GetString(message.Content.Sip.Span);
        Assert.DoesNotContain("P-Asserted-Identity", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Contact", text, StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "IM D.2/intro-1")]
    public void A_session_is_answered_for_him()
    {
        var invite = Serving.To() with { Body = Sdp(carol) };

        var deposit = Assert.IsType<DepositRequest>(Assert.IsType<HandOver>(Serving.Away().Answers(invite)).Request);

        Assert.Equal(bob, deposit.Recipient);
        Assert.Equal(invite.Head, deposit.Head);
        Assert.True(invite.Body.Span.SequenceEqual(deposit.Body.Span));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_session_of_a_group_is_answered_for_him_where_the_operator_wants_it(bool wanted)
    {
        var serving = Serving.Away();
        serving.Deferred = serving.Deferred with { GroupSessions = wanted };
        var invite = Serving.To().WithHead(head => head with
        {
            Contact = Address("<sip:c0ffee@conf.example.net>;isfocus"),
        });

        var answer = serving.Answers(invite);

        if (wanted)
            Assert.IsType<HandOver>(answer);
        else
            Refused(answer, 480, TerminatingHalf.NotAvailable);
    }

    [Theory]
    [InlineData("Snow & ice", "Snow & ice")]
    [InlineData("Snow\uFFFF", "")]
    [InlineData("Snow\uFFFE", "")]
    [InlineData("Snow\u0001", "")]
    public void A_subject_that_no_list_can_hold_is_left_out(string subject, string kept) =>
        Assert.Equal(kept, KeptContent.SubjectOf(SipHeaders.Of(("Subject", subject))));

    [Fact]
    public void A_long_subject_is_not_cut_within_a_character()
    {
        var subject = new string('a', 255) + "\U0001F600 and more";

        Assert.Equal(new string('a', 255), KeptContent.SubjectOf(SipHeaders.Of(("Subject", subject))));
    }

    [Theory]
    [InlineData("SUBSCRIBE")]
    [InlineData("REFER")]
    [InlineData("OPTIONS")]
    public void Nothing_else_is_kept(string method) =>
        Refused(Serving.Away().Answers(Serving.To(method)), 480, TerminatingHalf.NotAvailable);
}
