using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Controlling;
using ImSidecar.Core.Identity;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Messages;

/// <summary>A MESSAGE to the list server, RFC 5365 7, or to a group: taken on, and sent to each.</summary>
internal static class SendToMany
{
    public static Outcome<PageMessage> OnMessage(
        PageMessage? current, AggregateId id, MessageRequest request, Facts facts)
    {
        if (!request.IsInitial)
            return new(current, Refusals.NoSuchDialog(null, request).Effects);

        // The id is derived from the MESSAGE and who sent it: it came before.
        if (current is not null)
            return Outcome.Of(current, Accepted(current, request, facts));

        if (request.Originator is not { } originator)
            return Refuse(request, SipStatus.Forbidden, "Originator not authenticated");

        if (facts.Group is { IsNone: true })
            return new(null, Refusals.NoSuchConference(null, request).Effects);

        if (MessagePolicy.Decide(facts.Group, Joiner.Of(request, AuthenticatedOriginator.AsksPrivacy(request)), facts)
            is { Allowed: false } verdict)
            return new(null, Refusals.Forbid(null, request, verdict.Reason, verdict.Explanation).Effects);

        if (AuthenticatedOriginator.AsksUnknownPrivacy(request.Headers))
            return Refuse(request, SipStatus.ServerInternalError, "Privacy of that kind is not supported");

        if (facts.MessagesOfSender >= facts.Operator.MaxPageMessagesPerUser)
            return Refuse(request, SipStatus.Forbidden, "Too many messages of this user under way");
        if (facts.MessagesHeld >= facts.Operator.MaxPageMessages)
            return Refuse(request, SipStatus.ServiceUnavailable, "Too many messages under way");

        if (PageContentReader.Read(request, id, takesList: facts.Group is null, facts, out var read) is { } refusal)
            return Outcome.Of<PageMessage>(null, refusal);

        if (MessageTime.ExpiresAt(request.Headers, facts.Now) is { } end && end <= facts.Now)
            return Refuse(request, SipStatus.BadRequest, "Message has expired");

        if (!MessageRecipients.TryFind(request, read.List, facts, out var recipients, out var problem))
            return Outcome.Of<PageMessage>(null, problem);

        return Create(id, request, originator, read, recipients, facts);
    }

    private static Outcome<PageMessage> Create(
        AggregateId id, MessageRequest request, SipUri originator, ReadContent read,
        ImmutableArray<Recipient> recipients, Facts facts)
    {
        var isAnonymous = AuthenticatedOriginator.AsksPrivacy(request);
        var address = facts.Group?.Group?.Document.Uri.Bare ?? facts.Operator.ListServerUri;
        var message = new PageMessage
        {
            Id = id,
            Address = address,
            IsToGroup = facts.Group is not null,
            From = FromOf(request, originator, isAnonymous, facts),
            Identity = isAnonymous ? address : originator.Bare,
            IsAnonymous = isAnonymous,
            Sender = originator.Bare,
            Asked = read.Asked,
            CallId = facts.Derive("call"),
            FromTag = facts.Derive("tag"),
            ExpiresAt = MessageTime.ExpiresAt(request.Headers, facts.Now),
            Content = new([.. CarriedOf(request, facts), .. read.Fields], read.Body),
        };
        var outcome = Outcome.Of(message, Accepted(message, request, facts));
        foreach (var recipient in recipients)
            outcome = outcome.Then(next => Delivery.Send(next, recipient, facts));
        return outcome;
    }

    // RFC 5365 7.2: as the sender names himself, RFC 3323 4.1.1.3 for one who hides.
    private static string FromOf(MessageRequest request, SipUri originator, bool isAnonymous, Facts facts) =>
        isAnonymous
            ? new NameAddress(ChatAlias.Nobody, DisplayName.Anonymous).ToString()
            : new NameAddress(originator.Bare, DisplayName.Of(request, facts.Group)).ToString();

    private static IEnumerable<SipHeader> CarriedOf(MessageRequest request, Facts facts) =>
        [.. MessageTime.Of(request.Headers, facts.Now), .. CarriedHeaders.OfMessage(request, facts)];

    private static Respond Accepted(PageMessage message, MessageRequest request, Facts facts) =>
        new(request.Transaction, SipStatus.Accepted)
        {
            Headers = SipHeaders.Empty.WithIdentity(message.Address, AssertedIdentity.IsHidden(request, facts)),
        };

    private static Outcome<PageMessage> Refuse(MessageRequest request, SipStatus status, string warning) =>
        new(null, Refusals.Refuse(null, request, status, warning).Effects);
}
