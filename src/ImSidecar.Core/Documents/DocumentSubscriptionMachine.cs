using System.Diagnostics;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Notifications;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Core.Documents;

/// <summary>The one door to the rules of subscriptions to documents, RFC 5875.</summary>
public static class DocumentSubscriptionMachine
{
    public static Outcome<DocumentSubscription> Apply(
        DocumentSubscription? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        var outcome = Dispatch(current, id, happened, facts).Then(next => EndIfNotOurs(next, facts));

        // A refusal tells nobody anything.
        if (happened is not RequestArrived || !ReferenceEquals(outcome.Next, current))
            outcome = outcome.Then(next => DocumentNotifier.Flush(next, facts));

        return outcome.Next is not { } changed || ReferenceEquals(changed, current)
            ? outcome
            : outcome with { Next = changed with { Revision = (current?.Revision ?? 0) + 1 } };
    }

    /// <summary>When the subscription wants a <see cref="TimeElapsed"/>.</summary>
    public static DateTimeOffset NextDue(DocumentSubscription current) =>
        current.Subscription.DueAt(current.HasNews || current.Subscription.OwesFullState);

    private static Outcome<DocumentSubscription> Dispatch(
        DocumentSubscription? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        if (happened is RequestArrived arrived)
            return OnRequest(current, id, arrived.Request, facts);

        if (current is null)
            return Outcome.Of<DocumentSubscription>(null);

        var subscription = current.Subscription;
        return happened switch
        {
            ResponseArrived response => OnResponse(current, response, facts),
            TimeElapsed => With(current, NotifyAnswer.OnTimeElapsed(subscription, facts)),
            NodeStarted => With(current, NotifyAnswer.OnNodeStarted(subscription, facts)),
            LinkRestarted { EndsOurs: true } => With(current, NotifyAnswer.OnLinkRestarted(subscription, facts)),
            // Whether something is to be told, the flush finds out; nothing else concerns a subscription.
            _ => Outcome.Of(current),
        };
    }

    private static Outcome<DocumentSubscription> OnRequest(
        DocumentSubscription? current, AggregateId id, ImRequest request, Facts facts) => request switch
        {
            SubscribeRequest subscribe => SubscribeDocuments.OnSubscribe(current, id, subscribe, facts),
            OptionsRequest options => Answer(current, Capabilities.OnOptions(null, options)),
            UnsupportedRequest or NotifyRequest or ReferRequest or PassingRequest or DepositRequest or RegisterRequest
                or MessageRequest =>
                Answer(current, Capabilities.OnUnsupported(null, request)),
            InviteRequest => Answer(current, Refusals.NoSuchConference(null, request)),
            ReinviteRequest or ByeRequest => Answer(current, Refusals.NoSuchDialog(null, request)),
            _ => throw new UnreachableException(request.GetType().Name),
        };

    private static Outcome<DocumentSubscription> OnResponse(
        DocumentSubscription current, ResponseArrived arrived, Facts facts)
    {
        var subscription = current.Subscription;
        return arrived.Response.Status.IsFinal
            && arrived.Key.CSeq == subscription.LocalCSeq
            && subscription.AnswerBy is not null
            ? With(current, NotifyAnswer.OnResponse(subscription, arrived.Response, facts))
            : Outcome.Of(current);
    }

    // The operator has moved the documents to another server since.
    private static Outcome<DocumentSubscription> EndIfNotOurs(DocumentSubscription current, Facts facts) =>
        facts.Documents is { AreOurs: false } && current.Subscription.EndReason is null
            ? With(current, current.Subscription with { EndReason = SubscriptionEnd.NoResource })
            : Outcome.Of(current);

    private static Outcome<DocumentSubscription> Answer(DocumentSubscription? current, Decision decision) =>
        new(current, decision.Effects);

    private static Outcome<DocumentSubscription> With(DocumentSubscription current, Subscription? subscription) =>
        Outcome.Of(
            subscription is null ? null
            : ReferenceEquals(subscription, current.Subscription) ? current
            : current with { Subscription = subscription });
}
