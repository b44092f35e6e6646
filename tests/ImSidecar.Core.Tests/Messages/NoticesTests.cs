using System.Text;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Messages;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Mime;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Tests.Messages;

/// <summary>What the sender of a message to several hears of it, RFC 5438.</summary>
public class NoticesTests
{
    private static readonly SipUri _us = Uri("sip:pm-abcdefghijklmnopqrstuvwxyz@im.example.com");

    private static readonly Facts _together =
        With(policy with { AggregateImdn = true, AggregateImdnFor = TimeSpan.FromSeconds(60) });

    private static MessageRequest Asks(string wanted, string from = "sip:alice@example.com", string more = "") =>
        Sending.WithList(
            alice,
            $"Content-Type: message/cpim\r\n\r\nFrom: \"Ali\" <{from}>\r\nTo: <sip:list@im.example.com>\r\n"
            + "DateTime: 2026-11-20T09:30:00Z\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: m1\r\n"
            + $"imdn.Disposition-Notification: {wanted}\r\n{more}\r\nContent-Type: text/plain\r\n\r\nHi",
            bob.Text, carol.Text);

    private static MessageRequest Notice(
        SipUri from, NotificationKind kind, string id = "m1", string type = "message/imdn+xml", SipUri? about = null) =>
        new MessageRequest(Head("MESSAGE", from, _us))
        {
            Body = (byte[])
            [
                .. Encoding.UTF8.GetBytes(
                    $"From: <{from}>\r\nTo: <sip:alice@example.com>\r\nNS: imdn <urn:ietf:params:imdn>\r\n"
                    + $"imdn.Message-ID: n1\r\nimdn.IMDN-Route: <{_us}>\r\n\r\nContent-Type: {type}\r\n\r\n"),
                .. NotificationXml.Write(new(id, kind, "delivered") { RecipientUri = (about ?? from).Text }),
            ],
        }.With("Content-Type", "message/cpim");

    private static Sending Sent(MessageRequest request, Facts? facts = null)
    {
        var sending = new Sending(facts);
        Assert.NotNull(sending.Arrives(request).Next);
        sending.Answers("r1", 200);
        return sending;
    }

    private static CpimHead HeadOf(ReadOnlyMemory<byte> body)
    {
        Assert.Equal(CpimResult.Read, CpimReader.Read(body.Span, out var head));
        return head;
    }

    private static OutgoingRequest Told(Outcome<PageMessage> outcome) => outcome.Single<SendRequest>().Request;

    [Fact, Trait("Spec", "RFC 5438 8.3")]
    public void Notifications_go_straight_to_the_sender_unless_they_are_told_together()
    {
        var sending = new Sending();
        var body = sending.Sent(sending.Arrives(Asks("display")))[0].Body;
        Assert.Empty(ImdnFields.Read(HeadOf(body)).RecordRoute);

        var collecting = new Sending(_together);
        var routed = collecting.Sent(collecting.Arrives(
            Asks("display", more: "imdn.IMDN-Record-Route: <sip:victim@example.net>\r\n")))[0].Body;
        Assert.Equal([_us.Text], ImdnFields.Read(HeadOf(routed)).RecordRoute);
        Assert.EndsWith("Content-Type: text/plain\r\n\r\nHi", routed.Text(), StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "RFC 5438 14.2")]
    public void Who_hides_is_in_no_field_and_hears_it_all_the_same()
    {
        var sending = new Sending();
        var outcome = sending.Arrives(
            Asks("display", more: "Subject: from alice@example.com\r\n").With("Privacy", "id"));
        var body = sending.Sent(outcome)[0].Body;

        Assert.DoesNotContain("alice", body.Text(), StringComparison.Ordinal);
        Assert.Equal("<sip:anonymous@anonymous.invalid>", HeadOf(body).From.ToString());
        sending.Answers("r1", 200);

        var told = Told(sending.Arrives(Notice(bob, NotificationKind.Display)));
        Assert.Equal((alice, "<sip:bob@example.com>"), (told.Uri, told.From));
        Assert.Equal(("<sip:bob@example.com>", "<sip:alice@example.com>"),
            (HeadOf(told.Body).From.ToString(), HeadOf(told.Body).To[0].ToString()));
        Assert.Contains(
            "<recipient-uri>sip:bob@example.com</recipient-uri>", told.Body.Text(), StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "RFC 5438 8.3")]
    public void Nobody_reports_for_another_recipient()
    {
        var sending = Sent(Asks("display").With("Privacy", "id"));

        var told = Told(sending.Arrives(Notice(bob, NotificationKind.Display, about: carol)));

        Assert.DoesNotContain("carol", told.Body.Text(), StringComparison.Ordinal);
        Assert.Contains(
            "<recipient-uri>sip:bob@example.com</recipient-uri>", told.Body.Text(), StringComparison.Ordinal);
    }

    [Fact, Trait("Spec", "RFC 5438 14.2")]
    public void A_recipient_who_hides_is_not_named()
    {
        var sending = Sent(Asks("display").With("Privacy", "id"));

        var told = Told(sending.Arrives(Notice(bob, NotificationKind.Display).With("Privacy", "id")));

        Assert.DoesNotContain(
            "bob", told.From + string.Join('\n', told.Headers) + told.Body.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_is_told_once()
    {
        var sending = Sent(Asks("display").With("Privacy", "id"));
        Assert.Equal(2, sending.Arrives(Notice(bob, NotificationKind.Display)).Effects.Length);

        var again = sending.Arrives(Notice(bob, NotificationKind.Display));

        Assert.Equal(SipStatus.Ok, Assert.IsType<Respond>(Assert.Single(again.Effects)).Status);
    }

    [Fact, Trait("Spec", "RFC 5438 8.3")]
    public void Those_of_a_while_are_told_in_one_message()
    {
        var sending = Sent(Asks("positive-delivery, display"), _together);
        sending.Arrives(Notice(bob, NotificationKind.Delivery));
        Assert.Equal(start.AddSeconds(60), MessageMachine.NextDue(sending.Message));
        sending.Arrives(Notice(bob, NotificationKind.Display));

        var told = Told(sending.Waits(TimeSpan.FromSeconds(60)));

        var head = HeadOf(told.Body);
        Assert.Equal(factory.Text, head.From.Uri);
        Assert.True(MediaType.TryParse(head.ContentType, out var type));
        Assert.True(MultipartReader.TryRead(type, told.Body[head.Length..], out var parts));
        Assert.Equal(2, parts.Length);
        Assert.All(parts, part => Assert.True(NotificationXml.TryParse(part.Body, out _, out _)));
    }

    [Fact, Trait("Spec", "RFC 5438 8.3")]
    public void They_are_told_at_once_when_all_have_come()
    {
        var sending = Sent(Asks("positive-delivery"), _together);
        sending.Arrives(Notice(bob, NotificationKind.Delivery));
        sending.Answers("r2", 200);

        var told = Told(sending.Arrives(Notice(carol, NotificationKind.Delivery)));

        Assert.Contains("multipart/mixed", told.Body.Text(), StringComparison.Ordinal);
        Assert.Null(sending.Message.ReportAt);
        Assert.Equal(start + policy.ForgetAfter, sending.Message.ForgetAt);
    }

    [Fact, Trait("Spec", "RFC 5438 5.1")]
    public void Whom_it_did_not_reach_we_tell_of_if_that_is_asked_for()
    {
        var sending = Sent(Asks("negative-delivery"));
        var told = Told(sending.Answers("r2", 404));

        Assert.Equal(alice, told.Uri);
        Assert.Contains("<failed", told.Body.Text(), StringComparison.Ordinal);
        Assert.Contains("sip:carol@example.net", told.Body.Text(), StringComparison.Ordinal);
        Assert.Empty(Sent(Asks("positive-delivery")).Answers("r2", 404).Effects);
    }

    [Fact]
    public void What_is_no_notification_of_a_recipient_is_refused()
    {
        var sending = Sent(Asks("display").With("Privacy", "id"));
        AssertRefused(Notice(dave, NotificationKind.Display), 403, "Only who got the message may report");
        AssertRefused(Notice(bob, NotificationKind.Display, "m2"), 400, "Notification is about another message");
        AssertRefused(
            Notice(bob, NotificationKind.Display, type: "text/plain"), 415, "Only notifications are taken here");
        AssertRefused(
            Notice(bob, NotificationKind.Display).WithHead(head => head with { Identities = [] }), 403,
            "Originator not authenticated");
        AssertRefused(
            Notice(bob, NotificationKind.Display) with { Body = "x"u8.ToArray() }, 400, "CPIM message is malformed");
        AssertRefused(
            Notice(bob, NotificationKind.Display) with { Body = new byte[20_000] }, 413, "Notification too large");

        // Nobody asked us to stand in the way.
        sending = Sent(Asks("display"));
        AssertRefused(Notice(bob, NotificationKind.Display), 404, "Message does not exist");
        sending = new();
        AssertRefused(Notice(bob, NotificationKind.Display), 404, "Message does not exist");

        void AssertRefused(MessageRequest request, int status, string warning)
        {
            var before = sending.State;
            var refusal = Assert.IsType<Respond>(Assert.Single(sending.Arrives(request).Effects));
            Assert.Equal((status, warning), (refusal.Status.Code, refusal.Warning));
            Assert.Same(before, sending.State);
        }
    }

    [Fact]
    public void Nobody_speaks_for_another_and_nothing_is_notified_of_a_notification()
    {
        var refusal = new Sending().Arrives(Asks("display", "sip:bob@example.com")).Single<Respond>();
        Assert.Equal(("CPIM From is not who sends the message", 400), (refusal.Warning, refusal.Status.Code));
        Assert.NotNull(new Sending().Arrives(Asks("display", "im:alice@example.com")).Next);

        var notification = Sending.WithList(
            alice,
            "Content-Type: message/cpim\r\n\r\nFrom: <sip:alice@example.com>\r\nTo: <sip:x@example.com>\r\n"
            + "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: m1\r\nimdn.Disposition-Notification: display\r\n\r\n"
            + "Content-Type: message/imdn+xml\r\n\r\n<imdn/>",
            bob.Text);
        var sending = new Sending();
        sending.Arrives(notification);
        Assert.Null(sending.Message.Asked);
    }

    [Fact]
    public void Notifications_are_waited_for_and_then_it_is_forgotten()
    {
        var sending = Sent(Asks("display"), _together);
        sending.Answers("r2", 200);
        Assert.Equal(start + policy.ImdnLifetime, sending.Message.ForgetAt);

        // One that comes at the last moment is told.
        sending.Facts = sending.Facts with { Now = start + policy.ImdnLifetime - TimeSpan.FromSeconds(1) };
        sending.Arrives(Notice(bob, NotificationKind.Display));
        sending.Facts = sending.Facts with { Now = start + policy.ImdnLifetime };
        var report = sending.Waits(TimeSpan.FromSeconds(60)).Single<SendRequest>();
        Assert.Equal(1, sending.State!.Reports);
        Reported(sending, report, 200);
        Assert.Null(sending.Waits(policy.ForgetAfter).Next);
    }

    private static Outcome<PageMessage> Reported(Sending sending, SendRequest report, int code) => sending.Happens(
        new ResponseArrived(report.Key, new(new(code, "Reason"), SipHeaders.Empty, default, code == 408)));

    [Theory]
    [InlineData(503)]
    [InlineData(408)]
    public void A_report_that_does_not_arrive_goes_again(int code)
    {
        var sending = Sent(Asks("negative-delivery"));
        var first = sending.Answers("r2", 404).Single<SendRequest>();

        Assert.Empty(Reported(sending, first, code).Effects);
        var again = sending.Waits(sending.Facts.Operator.MessageRetryInterval).Single<SendRequest>();

        Assert.Equal((first.Key.Owner, 2L), (again.Key.Owner, again.Key.CSeq));
        Assert.Equal(first.Request with { CSeq = 2 }, again.Request);
        Reported(sending, again, 200);
        Assert.Empty(sending.Message.Underway);
        sending.Waits(sending.Facts.Operator.ForgetAfter);
        Assert.Null(sending.State);
    }

    [Fact]
    public void A_report_that_nobody_answers_is_given_up_in_the_end()
    {
        var sending = Sent(Asks("negative-delivery"));
        sending.Answers("r2", 404);

        var reports = 1;
        for (var i = 0; i < 20 && sending.State is not null; i++)
        {
            var due = Assert.NotNull(MessageMachine.NextDue(sending.Message));
            reports += sending.Waits(due > sending.Facts.Now ? due - sending.Facts.Now : TimeSpan.Zero)
                .Effects.OfType<SendRequest>().Count();
        }

        Assert.Null(sending.State);
        Assert.Equal(sending.Facts.Operator.MessageAttempts, reports);
    }

    [Fact]
    public void A_report_in_flight_has_the_whole_time_after_a_restart()
    {
        var sending = Sent(Asks("negative-delivery"));
        sending.Answers("r2", 404);
        var before = sending.Message.Underway.Single().AnswerBy;
        sending.Facts = sending.Facts with { Now = sending.Facts.Now.AddSeconds(20) };

        sending.Happens(new NodeStarted());

        Assert.Equal(before + TimeSpan.FromSeconds(20), sending.Message.Underway.Single().AnswerBy);
    }
}
