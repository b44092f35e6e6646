using System.Collections.Immutable;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Deferred;
using ImSidecar.Core.Participating;
using ImSidecar.Msrp;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Hosting;
using ImSidecar.Server.Participating;
using ImSidecar.Server.Stores;

namespace ImSidecar.Server.Deferred;

/// <summary>Sessions with the message store, as their mailboxes see them: what waits is read before each rule that asks.</summary>
internal sealed class DeferredSessionRules(
    IDeferredMessageStore store, DeferredSessions sessions, ServedUsers users,
    Live<OperatorPolicy> policy) : IAggregateKind
{
    public AggregateKind Kind => AggregateKind.DeferredSession;

    public async ValueTask<Facts> ReadFactsAsync(
        Aggregate? current, AggregateEvent happened, Facts facts, CancellationToken cancellation)
    {
        var session = (DeferredSession?)current;
        if (happened is TimeElapsed && session is { Purpose: DeferredPurpose.Deposit, Leg: { } leg })
            return facts with
            {
                Deferred = new() { LastMessageAt = sessions.DepositOf(leg.Media.SessionId)?.LastMessageAt },
            };

        return KeyOf(session, happened) is { } user
            ? facts with { Deferred = await ReadAsync(user, session, happened, facts.Now, cancellation) }
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

    public void OnHeld(Aggregate? before, Aggregate? after) =>
        sessions.OnHeld((DeferredSession?)before, (DeferredSession?)after);

    // Whose messages the event is about, if what is kept matters to it.
    private static string? KeyOf(DeferredSession? session, AggregateEvent happened) => happened switch
    {
        PushWanted wanted => ServedAddress.KeyOf(wanted.User),
        RequestArrived { Request: DepositRequest deposit } => ServedAddress.KeyOf(deposit.Recipient),
        RequestArrived { Request: InviteRequest or ReferRequest, Request.Originator: { } caller } =>
            ServedAddress.KeyOf(caller),
        TimeElapsed or DeferredRemoved when session?.Push is not null => session.User,
        _ => null,
    };

    private async ValueTask<DeferredFacts> ReadAsync(
        string key, DeferredSession? session, AggregateEvent happened, DateTimeOffset now,
        CancellationToken cancellation)
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
                Contact = user?.NewestContact(now),
                Delivery = user?.Settings.Delivery ?? policy.Value.Deferred.Delivery,
                Next = next.IsEmpty ? null : next[0],
                Found = await FoundAsync(key, happened, now, cancellation),
                Sessions = sessions.Count,
                SessionsOfCaller = happened is RequestArrived { Request: var request }
                    ? sessions.CountOf(DeferredSession.CallerOf(request)) : 0,
            };
        }
        catch (StoreUnavailableException)
        {
            return new() { IsUnavailable = true };
        }
    }

    private async ValueTask<ImmutableArray<long>> FoundAsync(
        string key, AggregateEvent happened, DateTimeOffset now, CancellationToken cancellation)
    {
        var found = ImmutableArray.CreateBuilder<long>();
        foreach (var number in NamedBy(happened))
        {
            if (await store.FindAsync(key, number, cancellation) is { } message && message.ExpiresAt > now)
                found.Add(number);
        }

        return found.DrainToImmutable();
    }

    private static IEnumerable<long> NamedBy(AggregateEvent happened)
    {
        IEnumerable<string?> texts = happened switch
        {
            RequestArrived { Request: InviteRequest invite } => [invite.Uri.Parameter("message")],
            RequestArrived { Request: ReferRequest refer } => refer.Targets.Select(target => target.Messages),
            _ => [],
        };
        return texts.SelectMany(text => MessageNumbers.TryParse(text, out var numbers) ? numbers : [])
            .Distinct().Take(MessageNumbers.Most);
    }
}
