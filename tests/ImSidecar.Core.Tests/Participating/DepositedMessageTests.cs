using System.Text;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;

namespace ImSidecar.Core.Tests.Participating;

/// <summary>App. D.2: what becomes of a message that is left for a user who is away.</summary>
public class DepositedMessageTests
{
    private static readonly DateTimeOffset _now = start.AddMinutes(1);

    private static DepositedMessage Message(
        string body = "hello", string type = "text/plain", string id = "45600001") => new(
        id, type,
        Encoding.UTF8.GetBytes(
            "MSRP dkei38sd SEND\r\nTo-Path: msrp://192.0.2.1:2855/a;tcp\r\nFrom-Path: msrp://192.0.2.10:7394/b;tcp\r\n"
            + $"Message-ID: {id}\r\nByte-Range: 1-{body.Length}/{body.Length}\r\nContent-Type: {type}\r\n"),
        Encoding.UTF8.GetBytes(body));

    private static string Cpim(string type, string more = "") =>
        $"From: <{carol}>\r\nTo: <{bob}>\r\nDateTime: 2026-11-20T09:30:00Z\r\n{more}\r\nContent-Type: {type}\r\n\r\nhello";

    [Fact]
    public void It_is_kept_with_its_invite_and_the_time_it_came()
    {
        var session = Storing.Deposit(Storing.ToBob().With("Subject", "Snow")).State!;

        var (message, status, _) = Message().For(session, Storing.deferred, _now);

        Assert.Equal(200, status);
        Assert.Equal((bob.AddressKey, bob, carol, "Snow", _now, _now + Storing.deferred.KeepFor),
            (message!.User, message.Recipient, message.Sender, message.Subject, message.ReceivedAt, message.ExpiresAt));
        Assert.Equal(session.Deposit!.Invite, message.Content.Sip);
        Assert.Contains("Message-ID: 45600001", message.Content.Msrp.Text(), StringComparison.Ordinal);
        Assert.Contains("Date: Fri, 20 Nov 2026 09:31:00 GMT", message.Content.Msrp.Text(), StringComparison.Ordinal);
        Assert.Null(message.Notices);
    }

    [Fact]
    public void The_same_said_again_has_the_same_key_and_nothing_else_has_it()
    {
        var session = Storing.Deposit().State!;
        var other = session with { Leg = session.Leg! with { CallId = "another" } };

        var key = Message().For(session, Storing.deferred, _now).Message!.Key;

        Assert.Equal(key, Message("other").For(session, Storing.deferred, _now).Message!.Key);
        Assert.NotEqual(key, Message(id: "45600002").For(session, Storing.deferred, _now).Message!.Key);
        Assert.NotEqual(key, Message().For(other, Storing.deferred, _now).Message!.Key);
    }

    [Theory]
    [InlineData("", "text/plain")]
    [InlineData("<isComposing/>", "application/im-iscomposing+xml")]
    public void What_is_of_no_use_later_is_taken_and_not_kept(string body, string type) =>
        Assert.Equal((null, 200, null), Message(body, type).For(Storing.Deposit().State!, Storing.deferred, _now));

    [Fact]
    public void Who_types_says_so_in_cpim_too() => Assert.Equal(
        (null, 200, null),
        Message(Cpim("application/im-iscomposing+xml"), "message/cpim")
            .For(Storing.Deposit().State!, Storing.deferred, _now));

    [Fact]
    public void What_the_sender_wants_to_hear_is_kept_with_it()
    {
        const string asks = "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: 34jk324j\r\n"
            + "imdn.Disposition-Notification: positive-delivery, negative-delivery\r\n";

        var message = Message(Cpim("text/plain", asks), "message/cpim")
            .For(Storing.Deposit().State!, Storing.deferred, _now).Message!;

        Assert.Equal(("34jk324j", true, true),
            (message.Notices!.MessageId, message.Notices.Delivery, message.Notices.NegativeDelivery));
    }

    [Fact]
    public void Who_hides_is_in_nothing_that_is_kept()
    {
        var session = Storing.Deposit(Storing.ToBob() with { IsAnonymous = true }).State!;

        var message = Message(Cpim("text/plain"), "message/cpim").For(session, Storing.deferred, _now).Message!;

        Assert.Equal((true, carol), (message.IsAnonymous, message.Sender));
        Assert.DoesNotContain("carol", message.Content.Msrp.Text(), StringComparison.Ordinal);
        Assert.Contains("From: <sip:anonymous@anonymous.invalid>", message.Content.Msrp.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_too_large_with_all_that_goes_with_it_is_stopped()
    {
        var (message, status, comment) = Message(new string('a', Storing.deferred.MaxMessageBytes - 100))
            .For(Storing.Deposit().State!, Storing.deferred, _now);

        Assert.Equal((null, 413, "Message is larger than 20000 bytes"), (message, status, comment));
    }

    [Fact]
    public void The_largest_message_that_was_agreed_fits()
    {
        var session = Storing.Deposit().State!;
        var size = (int)Storing.MediaOf(session.Leg!.Media.LocalDescription).MaxSize!.Value;

        Assert.NotNull(Message(new string('a', size)).For(session, Storing.deferred, _now).Message);
    }

    [Fact]
    public void Who_gets_messages_leaves_none() =>
        Assert.Equal(403, Message().For(Storing.Fetch().State!, Storing.deferred, _now).Status);

    [Theory]
    [InlineData(Deferral.Kept, 200)]
    [InlineData(Deferral.Known, 200)]
    [InlineData(Deferral.UserFull, 413)]
    [InlineData(Deferral.NodeFull, 413)]
    [InlineData(Deferral.Unavailable, 408)]
    public void The_sender_hears_what_the_store_says(Deferral outcome, int status) =>
        Assert.Equal(status, DepositedMessage.AnswerTo(outcome).Status);
}
