using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Xdm;

namespace ImSidecar.Server.Participating;

/// <summary>Served users, as their mailboxes see them: before somebody reaches one, his access rules are read.</summary>
internal sealed class ServedUserRules(ServedUsers users, AccessRules accessRules, HiddenCallers hidden) : IAggregateKind
{
    public AggregateKind Kind => AggregateKind.ServedUser;

    public async ValueTask<Facts> ReadFactsAsync(
        Aggregate? current, AggregateEvent happened, Facts facts, CancellationToken cancellation)
    {
        if (happened is not RequestArrived
            {
                Request: PassingRequest { Half: not SessionCase.Originating } passing,
            })
            return facts with { Served = new() { OfNode = users.Count, AbsentOfNode = users.Absent } };

        var (rules, problem) = await accessRules.OfAsync(
            ServedAddress.Preferred(((ServedUser?)current)?.Address, passing.Uri));
        return facts with
        {
            Served = new()
            {
                Rules = rules,
                RulesProblem = problem,
                OfNode = users.Count,
                AbsentOfNode = users.Absent,
                Hidden = hidden.Behind(passing),
            },
        };
    }

    public (Aggregate? Next, ImmutableArray<Effect> Effects) Apply(
        Aggregate? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        var outcome = ServedUserMachine.Apply((ServedUser?)current, id, happened, facts);
        return (outcome.Next, outcome.Effects);
    }

    public DateTimeOffset? NextDue(Aggregate current) => ServedUserMachine.NextDue((ServedUser)current);

    public AggregateChanges ChangesBetween(Aggregate? before, Aggregate? after) => new() { Head = after };

    public void OnHeld(Aggregate? before, Aggregate? after) =>
        users.Change((ServedUser?)before, (ServedUser?)after);
}
