using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Messages;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Imdn;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Tests.Messages;

/// <summary>A sender hears what became of a message that was kept, RFC 5438 7.2.1.</summary>
public class TellOfKeptTests
{
    private static DeferredNotice Notice(DeferredEnd end, string? route = null) =>
        new(7, end, alice, bob, new("Dk3", "2026-11-20T09:29:59Z", true, true) { Route = route }, start);

    [Theory]
    [InlineData(DeferredEnd.Delivered, "delivered")]
    [InlineData(DeferredEnd.Expired, "failed")]
    [InlineData(DeferredEnd.Deleted, "failed")]
    public void It_says_what_became_of_it_and_the_store_forgets_what_is_saved_here(DeferredEnd end, string status)
    {
        var outcome = new Sending().Happens(new NoticeWanted(Notice(end)));

        var request = outcome.Single<SendRequest>().Request;
        Assert.Equal(("MESSAGE", alice, "<sip:bob@example.com>"), (request.Method, request.Uri, request.From));
        Assert.Equal(CpimResult.Read, CpimReader.Read(request.Body.Span, out var head));
        Assert.Equal(("sip:bob@example.com", "message/imdn+xml"), (head.From.Uri, head.ContentType));
        Assert.True(NotificationXml.TryParse(request.Body[head.Length..], out var notification, out _));
        Assert.Equal(
            new("Dk3", NotificationKind.Delivery, status)
            {
                DateTime = "2026-11-20T09:29:59Z",
                RecipientUri = "sip:bob@example.com",
            },
            notification);
        Assert.Equal(new ForgetNotice(7), outcome.Effects[^1]);
    }

    [Fact]
    public void It_goes_where_notifications_of_the_message_go() => Assert.Equal(
        "sip:pm-1@im.example.com",
        new Sending().Happens(new NoticeWanted(Notice(DeferredEnd.Delivered, "sip:pm-1@im.example.com")))
            .Single<SendRequest>().Request.Uri.Text);

    [Fact]
    public void The_same_notice_again_is_not_sent_again()
    {
        var sending = new Sending();
        sending.Happens(new NoticeWanted(Notice(DeferredEnd.Delivered)));

        Assert.Equal(
            new ForgetNotice(7), Assert.Single(sending.Happens(new NoticeWanted(Notice(DeferredEnd.Delivered))).Effects));
    }

    [Fact]
    public void Who_does_not_answer_is_told_again_and_then_it_is_over()
    {
        var sending = new Sending();
        var key = sending.Happens(new NoticeWanted(Notice(DeferredEnd.Expired))).Single<SendRequest>().Key;
        sending.Happens(new ResponseArrived(
            key, new(SipStatus.RequestTimeout, SipHeaders.Empty, default, IsLocal: true)));

        var again = sending.Waits(policy.MessageRetryInterval).Single<SendRequest>();
        Assert.Equal(2, again.Key.CSeq);
        sending.Happens(new ResponseArrived(again.Key, new(SipStatus.Ok, SipHeaders.Empty, default, IsLocal: false)));
        sending.Waits(policy.ForgetAfter);
        Assert.Null(sending.State);
    }
}
