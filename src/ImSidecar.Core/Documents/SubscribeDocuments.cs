using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Core.Policies;
using ImSidecar.Protocol.Sip;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Core.Documents;

/// <summary>RFC 5875 4: a client subscribes to changes of documents, refreshes, names others, ends it.</summary>
internal static class SubscribeDocuments
{
    public static Outcome<DocumentSubscription> OnSubscribe(
        DocumentSubscription? current, AggregateId id, SubscribeRequest request, Facts facts)
    {
        if (facts.Documents is not { AreOurs: true } documents
            || request.Event is not (XcapDiffPackage.Name or XcapDiffPackage.UaProfile))
            return Refuse(current, request, SipStatus.BadEvent, "No subscription to documents here");

        if (SubscriptionDialog.TooBrief(request, facts) is { } tooBrief)
            return Outcome.Of(current, tooBrief);

        return request.IsInitial
            ? OnInitial(current, id, request, facts, documents)
            : OnRefresh(current, request, facts);
    }

    private static Outcome<DocumentSubscription> OnInitial(
        DocumentSubscription? current, AggregateId id, SubscribeRequest request, Facts facts, DocumentFacts documents)
    {
        if (request.Originator is not { } subscriber)
            return Refuse(current, request, SipStatus.Forbidden, "Originator not authenticated");

        // The same SUBSCRIBE once more, its transaction long over.
        if (current is not null)
            return current.Subscription.EndReason is null && current.Subscription.Subscriber.SameAddress(subscriber)
                ? Accept(current, request, facts)
                : NoSuchDialog(current, request);

        if (GroupPolicy.OperatorBars(Joiner.Of(subscriber).Who, facts.Operator) is { Allowed: false } barred)
            return Refuse(current, request, SipStatus.Forbidden, barred.Reason);

        if (!AcceptedBody.Includes(request, XcapDiffXml.MediaType))
            return Refuse(current, request, SipStatus.NotAcceptable, "Only " + XcapDiffXml.MediaType + " is told");

        if (request.Contact is not { } contact)
            return Refuse(current, request, SipStatus.BadRequest, "Contact is missing");

        if (documents.OfSubscriber >= facts.Operator.MaxSubscriptionsPerUser
            || documents.OfNode >= facts.Operator.MaxDocumentSubscriptions)
            return Refuse(current, request, SipStatus.Forbidden, "Too many subscriptions");

        ImmutableArray<string> identities =
            [.. request.Head.Identities.Select(identity => identity.Uri.AddressKey).Distinct()];
        var subscription = new DocumentSubscription
        {
            Id = id,
            Subscription = SubscriptionDialog.Begin(request, "s", subscriber, contact.Uri, facts),
            Contact = SipUri.Of("sip", id.Value, facts.Operator.ConferenceFactory.Host),
            Package = request.Event,
            NamesProcessing = request.DiffProcessing is not null,
            Identities = identities,
        };
        ImmutableArray<DocumentTarget> asked =
            request.Targets.IsEmpty ? [.. identities.Select(DocumentTarget.AllOf)] : request.Targets;
        return Watch(null, subscription, asked, request, facts);
    }

    private static Outcome<DocumentSubscription> OnRefresh(
        DocumentSubscription? current, SubscribeRequest request, Facts facts)
    {
        if (current is null
            || current.Subscription is not { EndReason: null } subscription
            || subscription.Dialog != request.Dialog
            || current.Package != request.Event
            || subscription.EventId != request.EventId)
            return NoSuchDialog(current, request);

        if (request.CSeq <= subscription.RemoteCSeq)
            return Refuse(
                current, request, SipStatus.ServerInternalError, "CSeq is lower than that of an earlier request");

        var refreshed = current with { Subscription = SubscriptionDialog.Refresh(subscription, request) };
        return request.Targets.IsEmpty
            ? Accept(refreshed, request, facts)
            : Watch(current, refreshed, request.Targets, request, facts);
    }

    // Who names what is not his is told of the rest, RFC 5875 4.4; a refusal leaves the subscription as it was.
    private static Outcome<DocumentSubscription> Watch(
        DocumentSubscription? current,
        DocumentSubscription subscription,
        ImmutableArray<DocumentTarget> asked,
        SubscribeRequest request,
        Facts facts)
    {
        if (facts.Documents is not { Known: not null } documents)
            return Refuse(current, request, SipStatus.ServiceUnavailable, "Documents cannot be read now");

        ImmutableArray<DocumentTarget> targets = [.. asked.Distinct()
            .Where(target => DocumentAccessPolicy.Decide(target, subscription.Identities, documents).Allowed)];
        return targets.IsEmpty
            ? Refuse(current, request, SipStatus.Forbidden, "No document that you may read")
            : Accept(subscription with { Targets = targets }, request, facts);
    }

    private static Outcome<DocumentSubscription> Accept(
        DocumentSubscription subscription, SubscribeRequest request, Facts facts)
    {
        var duration = SubscriptionDialog.Granted(request, facts);
        var response = new Respond(request.Transaction, SipStatus.Ok)
        {
            Headers = SipHeaders.Of(
                ("Expires", SubscriptionDialog.Seconds(duration)),
                ("Contact", $"<{subscription.Contact}>")),
            RecordRoute = request.IsInitial,
        };

        // The machine sends what is owed behind this response.
        var accepted = SubscriptionDialog.Accept(
            subscription.Subscription, request with { MinRate = null }, duration, facts);
        return Outcome.Of(subscription with { Subscription = accepted }, response);
    }

    private static Outcome<DocumentSubscription> NoSuchDialog(
        DocumentSubscription? current, SubscribeRequest request) =>
        Refuse(current, request, SipStatus.NoSuchDialog, "Dialog does not exist");

    private static Outcome<DocumentSubscription> Refuse(
        DocumentSubscription? current, SubscribeRequest request, SipStatus status, string warning) =>
        Outcome.Of(current, new Respond(request.Transaction, status, warning)
        {
            Headers = status == SipStatus.BadEvent
                ? SipHeaders.Of(("Allow-Events", Capabilities.Event))
                : status == SipStatus.NotAcceptable
                    ? SipHeaders.Of(("Accept", XcapDiffXml.MediaType))
                    : SipHeaders.Empty,
        });
}
