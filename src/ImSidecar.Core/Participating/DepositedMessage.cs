using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Core.Participating;

/// <summary>A whole message that somebody has said to a user who is away, as the switch gives it; App. D.2.</summary>
/// <param name="Head">Start line and header fields of its SEND.</param>
public sealed record DepositedMessage(
    string MessageId, string ContentType, ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Body)
{
    /// <summary>What is to be kept of it; or, when there is nothing to keep, how it is answered.</summary>
    public (DeferredMessage? Message, int Status, string? Comment) For(
        DeferredSession session, DeferredPolicy policy, DateTimeOffset now)
    {
        if (session is not { Deposit: { } deposit, Leg: { } leg })
            return (null, MsrpStatus.Forbidden, null);

        // Who types is told that it arrived, and it is of no use later.
        if (Body.IsEmpty || KeptContent.IsPassing(ContentType, Body.Span))
            return (null, MsrpStatus.Ok, null);

        var content = new DeferredContent(deposit.Invite, StoredMessage.OfSend(Head, Body, now, HiddenIn(deposit)));
        if (content.Size > policy.MaxMessageBytes)
            return (null, MsrpStatus.StopSending, string.Create(
                CultureInfo.InvariantCulture, $"Message is larger than {policy.MaxMessageBytes} bytes"));

        return (
            new()
            {
                User = session.User,
                Key = KeyOf(leg),
                Recipient = session.Address,
                Sender = deposit.Sender,
                IsAnonymous = deposit.IsAnonymous,
                Subject = deposit.Subject,
                ReceivedAt = now,
                ExpiresAt = now + policy.KeepFor,
                Notices = KeptContent.NoticesOf(ContentType, Body, policy),
                Content = content,
            },
            MsrpStatus.Ok, null);
    }

    /// <summary>How it is answered when the store has said what became of it, RFC 4975 10.</summary>
    public static (int Status, string? Comment) AnswerTo(Deferral outcome) => outcome switch
    {
        Deferral.Kept or Deferral.Known => (MsrpStatus.Ok, null),
        Deferral.UserFull => (MsrpStatus.StopSending, "Mailbox of the user is full"),
        Deferral.NodeFull => (MsrpStatus.StopSending, "No room for more messages"),
        _ => (MsrpStatus.Timeout, "Messages cannot be kept now"),
    };

    private static HiddenSender? HiddenIn(Deposit deposit) => deposit.IsAnonymous
        ? HiddenSender.Of([deposit.Sender, .. deposit.Identities.Select(Address).OfType<SipUri>()])
        : null;

    private static SipUri? Address(string identity) => SipUri.TryParse(identity, out var uri) ? uri : null;

    // RFC 4975 7.1: unique in its session; a sender who got no answer says it again with the same.
    private string KeyOf(Leg leg) => Tokens.Digest($"session\n{leg.CallId}\n{leg.RemoteTag}\n{MessageId}");
}
