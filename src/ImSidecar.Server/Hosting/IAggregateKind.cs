using System.Collections.Immutable;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Hosting;

/// <summary>One kind of aggregate, as its mailboxes see it: its rules, and what they have to be told.</summary>
internal interface IAggregateKind
{
    AggregateKind Kind { get; }

    /// <summary>Adds what a rule has to know besides time, chance and policy; read before it runs.</summary>
    ValueTask<Facts> ReadFactsAsync(
        Aggregate? current, AggregateEvent happened, Facts facts, CancellationToken cancellation);

    /// <summary>The one door to the rules; a next state of null deletes it.</summary>
    (Aggregate? Next, ImmutableArray<Effect> Effects) Apply(
        Aggregate? current, AggregateId id, AggregateEvent happened, Facts facts);

    /// <summary>When it wants a <see cref="TimeElapsed"/>; null: never.</summary>
    DateTimeOffset? NextDue(Aggregate current);

    AggregateChanges ChangesBetween(Aggregate? before, Aggregate? after);

    /// <summary>What a mailbox holds has become something else; null: there was or is nothing.</summary>
    void OnHeld(Aggregate? before, Aggregate? after);
}
