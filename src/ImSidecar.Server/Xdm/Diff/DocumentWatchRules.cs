using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Documents;
using ImSidecar.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Server.Xdm.Diff;

/// <summary>Our own subscription to a remote XDMS, as its mailbox sees it.</summary>
internal sealed class DocumentWatchRules(
    DocumentWatcher watcher, DocumentWatchTarget target, ILogger<DocumentWatchRules> logger) : IAggregateKind
{
    private bool _isFailing;

    public AggregateKind Kind => AggregateKind.DocumentWatch;

    // One of another address is of an earlier configuration.
    public ValueTask<Facts> ReadFactsAsync(
        Aggregate? current, AggregateEvent happened, Facts facts, CancellationToken cancellation) =>
        new(current is null || current.Id == target.Id ? facts with { Watch = target.Facts } : facts);

    public (Aggregate? Next, ImmutableArray<Effect> Effects) Apply(
        Aggregate? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        var outcome = DocumentWatchMachine.Apply((DocumentWatch?)current, id, happened, facts);
        return (outcome.Next, outcome.Effects);
    }

    public DateTimeOffset? NextDue(Aggregate current) => DocumentWatchMachine.NextDue((DocumentWatch)current);

    public AggregateChanges ChangesBetween(Aggregate? before, Aggregate? after) => new() { Head = after };

    public void OnHeld(Aggregate? before, Aggregate? after)
    {
        Note((DocumentWatch?)after);
        if ((before ?? after)?.Id == target.Id)
            watcher.Change((DocumentWatch?)before, (DocumentWatch?)after);
    }

    // One line when it begins to fail and one when it is well again.
    private void Note(DocumentWatch? watch)
    {
        if (watch is null)
            return;

        if (watch.Failures > 0 && watch.Dialog is null && !_isFailing)
        {
            _isFailing = true;
            Log.NotSubscribed(logger, target.Facts?.Notifier.Text ?? "");
        }
        else if (watch is { Failures: 0, Dialog.IsActive: true } && _isFailing)
        {
            _isFailing = false;
            Log.SubscribedAgain(logger, target.Facts?.Notifier.Text ?? "");
        }
    }
}

/// <summary>Which subscription of ours there is to be; no facts: none.</summary>
internal sealed record DocumentWatchTarget(AggregateId Id, WatchFacts? Facts);
