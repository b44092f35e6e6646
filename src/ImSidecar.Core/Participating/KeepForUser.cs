using System.Globalization;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Messages;
using ImSidecar.Core.Policies;
using ImSidecar.Core.Rules;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Participating;

/// <summary>App. D.2 and IM 11: what is said to a user who is away is kept, or it is told why not.</summary>
internal static class KeepForUser
{
    public static Effect OnRequest(
        ServedUser? user, PassingRequest request, ResolvedUser rules, Requester who, RuleCircumstances circumstances,
        Facts facts)
    {
        var policy = facts.Operator.Deferred;
        if (!policy.IsOn
            || request.Method is not ("MESSAGE" or "INVITE")
            || (user?.Settings.Delivery ?? policy.Delivery) == DeferredDelivery.Off)
            return TerminatingHalf.Unavailable(request);

        if (IsBarred(user, request, who, policy))
            return Refuse(request, SipStatus.Forbidden, "The operator keeps no messages for this user or from this one");

        var allowed = UserRules.Decide(
            rules, UserAction.AllowOfflineStorage, who, circumstances, facts.Operator.Precedence);
        if (!allowed.Allowed)
        {
            return Refuse(
                request, SipStatus.TemporarilyUnavailable, "User is not available and keeps no messages of yours") with
            {
                Explanation = allowed.Explanation,
            };
        }

        var recipient = ServedAddress.Preferred(user?.Address, request.Uri);
        if (request.Method == "INVITE")
            return request.Contact?.IsFocus() == true && !policy.GroupSessions
                ? TerminatingHalf.Unavailable(request)
                : new HandOver(new DepositRequest(request.Head)
                {
                    Recipient = recipient,
                    Callers = who.Identities,
                    IsAnonymous = who.IsAnonymous,
                    Body = request.Body,
                });

        return KeptContent.Refusal(request) is { } unfit
            ? Refuse(request, SipStatus.TemporarilyUnavailable, unfit)
            : Keep(recipient, request, who, facts);
    }

    /// <summary>The sender hears it when the message is on disk, and not before.</summary>
    public static Respond OnSettled(DeferralSettled settled) => settled.Outcome switch
    {
        Deferral.Kept or Deferral.Known => new(settled.Transaction, SipStatus.Accepted),
        Deferral.UserFull => new(
            settled.Transaction, SipStatus.TemporarilyUnavailable, "User is not available and his mailbox is full"),
        Deferral.NodeFull => new(settled.Transaction, SipStatus.ServiceUnavailable, "No room for more messages"),
        _ => new(settled.Transaction, SipStatus.ServiceUnavailable, "Messages cannot be kept now"),
    };

    private static Effect Keep(SipUri recipient, PassingRequest request, Requester who, Facts facts)
    {
        var policy = facts.Operator.Deferred;
        var content = new DeferredContent(
            StoredMessage.OfMessage(request, request.Body, facts.Now, who.IsAnonymous), default);
        if (content.Size > policy.MaxMessageBytes)
            return Refuse(request, SipStatus.RequestEntityTooLarge, string.Create(
                CultureInfo.InvariantCulture, $"Message is larger than {policy.MaxMessageBytes} bytes"));

        // RFC 3428 7: who says how long it is of use may say that it is of none.
        var latest = facts.Now + policy.KeepFor;
        var expires = MessageTime.ExpiresAt(request.Headers, facts.Now) is { } asked && asked < latest ? asked : latest;
        if (expires <= facts.Now)
            return Refuse(request, SipStatus.TemporarilyUnavailable, "User is not available and the message has expired");

        return new Defer(request.Transaction, new()
        {
            User = ServedAddress.KeyOf(recipient),
            Key = KeyOf(request),
            Recipient = recipient.Bare,
            Sender = request.Originator?.Bare ?? request.From.Uri.Bare,
            IsAnonymous = who.IsAnonymous,
            Subject = KeptContent.SubjectOf(request, who.IsAnonymous),
            ReceivedAt = facts.Now,
            ExpiresAt = expires,
            Notices = KeptContent.NoticesOf(request.Headers.First("Content-Type"), request.Body, policy),
            Content = content,
        });
    }

    // RFC 3261 8.2.2.2: what makes a copy of a request one.
    private static string KeyOf(PassingRequest request) => Tokens.Digest(string.Create(
        CultureInfo.InvariantCulture, $"page\n{request.CallId}\n{request.From.Tag}\n{request.CSeq}"));

    private static bool IsBarred(ServedUser? user, PassingRequest request, Requester who, DeferredPolicy policy) =>
        !policy.Barred.IsEmpty
        && (policy.Barred.Contains((user?.Address ?? request.Uri).PersonKey) || who.Keys.Any(policy.Barred.Contains));

    private static Respond Refuse(PassingRequest request, SipStatus status, string warning) =>
        new(request.Transaction, status, warning);
}
