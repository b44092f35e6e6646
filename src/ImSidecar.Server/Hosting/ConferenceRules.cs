using System.Collections.Immutable;
using ImSidecar.Core.Conferences;

namespace ImSidecar.Server.Hosting;

/// <summary>Conferences, as their mailboxes see them.</summary>
internal sealed class ConferenceRules(ConferenceCounts counts) : IAggregateKind
{
    public AggregateKind Kind => AggregateKind.Conference;

    public ValueTask<Facts> ReadFactsAsync(
        Aggregate? current, AggregateEvent happened, Facts facts, CancellationToken cancellation) => new(facts);

    public (Aggregate? Next, ImmutableArray<Effect> Effects) Apply(
        Aggregate? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        var decision = ConferenceMachine.Apply((Conference?)current, id, happened, facts);
        return (decision.Conference, decision.Effects);
    }

    public DateTimeOffset? NextDue(Aggregate current) => ConferenceMachine.NextDue((Conference)current);

    public AggregateChanges ChangesBetween(Aggregate? before, Aggregate? after) =>
        ConferenceChanges.Between((Conference?)before, (Conference?)after);

    public void OnHeld(Aggregate? before, Aggregate? after) =>
        counts.Change((Conference?)before, (Conference?)after);
}
