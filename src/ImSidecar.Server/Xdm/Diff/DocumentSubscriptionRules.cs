using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm.Diff;

/// <summary>Subscriptions to documents, as their mailboxes see them: before each rule the ETags are read.</summary>
internal sealed class DocumentSubscriptionRules(
    DocumentSubscribers subscribers, DocumentIndex documents, ILogger<DocumentSubscriptionRules> logger)
    : IAggregateKind
{
    public AggregateKind Kind => AggregateKind.DocumentSubscription;

    public async ValueTask<Facts> ReadFactsAsync(
        Aggregate? current, AggregateEvent happened, Facts facts, CancellationToken cancellation)
    {
        var subscription = (DocumentSubscription?)current;
        var request = (happened as RequestArrived)?.Request as SubscribeRequest;
        if (subscription is null && request is null)
            return facts;

        var identities = subscription?.Identities
            ?? [.. request!.Head.Identities.Select(identity => identity.Uri.AddressKey).Distinct()];
        var targets = request is { Targets.IsEmpty: false } ? request.Targets
            : subscription?.Targets ?? [.. identities.Select(DocumentTarget.AllOf)];
        var isAdministrator = identities.Any(documents.Options.Administrators.Contains);

        // What others own is not even looked at.
        ImmutableArray<DocumentTarget> possible =
            [.. targets.Where(target => target.User is not { } user || isAdministrator || identities.Contains(user))];
        return facts with
        {
            Documents = new()
            {
                AreOurs = documents.Options.AreOurs,
                Root = documents.Options.Root,
                MayLookUpGroups = identities.Any(documents.Options.Readers.Contains),
                IsAdministrator = isAdministrator,
                Known = await TryReadAsync(possible, cancellation),
                OfSubscriber = request?.Originator is { } subscriber ? subscribers.CountOf(subscriber.AddressKey) : 0,
                OfNode = subscribers.Count,
            },
        };
    }

    public (Aggregate? Next, ImmutableArray<Effect> Effects) Apply(
        Aggregate? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        var outcome = DocumentSubscriptionMachine.Apply((DocumentSubscription?)current, id, happened, facts);
        return (outcome.Next, outcome.Effects);
    }

    public DateTimeOffset? NextDue(Aggregate current) =>
        DocumentSubscriptionMachine.NextDue((DocumentSubscription)current);

    public AggregateChanges ChangesBetween(Aggregate? before, Aggregate? after) => new() { Head = after };

    public void OnHeld(Aggregate? before, Aggregate? after) =>
        subscribers.Change((DocumentSubscription?)before, (DocumentSubscription?)after);

    private async ValueTask<ImmutableArray<KnownDocument>?> TryReadAsync(
        ImmutableArray<DocumentTarget> targets, CancellationToken cancellation)
    {
        try
        {
            return await documents.ReadAsync(targets, cancellation);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Log.DocumentsUnreadable(logger, error);
            return null;
        }
    }
}
