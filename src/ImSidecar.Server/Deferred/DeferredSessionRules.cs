using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Deferred;

/// <summary>Sessions with the message store, as their mailboxes see them: what waits is read before each rule that asks.</summary>
internal sealed class DeferredSessionRules(IDeferredMessageStore store, ServedUsers users, OperatorPolicy policy)
    : IAggregateKind
{
    public AggregateKind Kind => AggregateKind.DeferredSession;

    public async ValueTask<Facts> ReadFactsAsync(
        Aggregate? current, AggregateEvent happened, Facts facts, CancellationToken cancellation)
    {
        var session = (DeferredSession?)current;
        return KeyOf(session, happened) is { } user
            ? facts with { Deferred = await ReadAsync(user, session, facts.Now, cancellation) }
            : facts;
    }

    public (Aggregate? Next, ImmutableArray<Effect> Effects) Apply(
        Aggregate? current, AggregateId id, AggregateEvent happened, Facts facts)
    {
        var outcome = DeferredSessionMachine.Apply((DeferredSession?)current, id, happened, facts);
        return (outcome.Next, outcome.Effects);
    }

    public DateTimeOffset? NextDue(Aggregate current) => DeferredSessionMachine.NextDue((DeferredSession)current);

    public AggregateChanges ChangesBetween(Aggregate? before, Aggregate? after) => new() { Head = after };

    public void OnHeld(Aggregate? before, Aggregate? after)
    {
    }

    // Whose messages the event is about, if what is kept matters to it.
    private static string? KeyOf(DeferredSession? session, AggregateEvent happened) => happened switch
    {
        PushWanted wanted => ServedAddress.KeyOf(wanted.User),
        RequestArrived { Request: DepositRequest deposit } => ServedAddress.KeyOf(deposit.Recipient),
        RequestArrived { Request: InviteRequest { Originator: { } caller } } => ServedAddress.KeyOf(caller),
        TimeElapsed or DeferredRemoved when session?.Push is not null => session.User,
        _ => null,
    };

    private async ValueTask<DeferredFacts> ReadAsync(
        string key, DeferredSession? session, DateTimeOffset now, CancellationToken cancellation)
    {
        var user = users.Of(key);
        try
        {
            var next = session?.Push is { IsPageMode: true } or { Stage: PushStage.Removing }
                ? await store.ReadAsync(key, after: 0, most: 1, mostBytes: 1, now, cancellation)
                : [];
            return new()
            {
                Waiting = await store.CountAsync(key, cancellation),
                IsReachable = user is { Settings: { IsActive: true, IsVisible: true } } && user.IsRegistered(now),
                Delivery = user?.Settings.Delivery ?? policy.Deferred.Delivery,
                Next = next.IsEmpty ? null : next[0],
            };
        }
        catch (StoreUnavailableException)
        {
            return new() { IsUnavailable = true };
        }
    }
}
