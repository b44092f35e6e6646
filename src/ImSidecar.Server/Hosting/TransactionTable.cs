using System.Collections.Concurrent;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip.Requests;
using ImSidecar.Server.Gateway;

namespace ImSidecar.Server.Hosting;

/// <summary>Which aggregate a waiting transaction belongs to, for events that name nothing else.</summary>
internal sealed class TransactionTable
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new();
    private string[] _ended = [];

    public int Count => _entries.Count;

    public void Add(ImRequest request, AggregateId id) =>
        _entries[request.Transaction] = new(id, request.Method, Boots.Of(request.Transaction));

    public AggregateId? Find(string transaction) =>
        _entries.TryGetValue(transaction, out var entry) ? entry.Aggregate : null;

    public string? MethodOf(string transaction) =>
        _entries.TryGetValue(transaction, out var entry) ? entry.Method : null;

    /// <summary>After a restart: INVITEs whose ACK is awaited and replies not yet confirmed.</summary>
    public void Resume(StoredAggregate stored)
    {
        var id = stored.State.Id;
        foreach (var transaction in Of(stored.State))
            _entries[transaction] = new(id, "INVITE", Boots.Of(transaction));
        foreach (var transaction in RepliesOf(stored))
            _entries.TryAdd(transaction, new(id, "", Boots.Of(transaction)));
    }

    /// <summary>Those that are known once the aggregate is resumed.</summary>
    public static IEnumerable<string> NamesOf(StoredAggregate stored) =>
        Of(stored.State).Concat(RepliesOf(stored));

    /// <summary>A final reply ends the transaction, but for an INVITE's 2xx, which waits for its ACK.</summary>
    public void OnReply(string transaction, int code)
    {
        if (code >= 200 && _entries.TryGetValue(transaction, out var entry) && !(entry.IsInvite && code < 300))
            _entries.TryRemove(transaction, out _);
    }

    public void OnEvent(string transaction, AggregateEvent happened)
    {
        if (happened is InviteAcknowledged or AckTimedOut or RequestTransactionEnded or InviteCancelled)
            _entries.TryRemove(transaction, out _);
    }

    /// <summary>
    /// A boot of Kamailio is over: nobody ends its transactions any more. They stay until the next one is, for events of
    /// theirs may still be on their way.
    /// </summary>
    public void OnEnded(string boot)
    {
        foreach (var before in _ended)
        {
            foreach (var (transaction, _) in _entries.Where(entry => entry.Value.Boot == before))
                _entries.TryRemove(transaction, out _);
        }

        _ended = [boot];
    }

    /// <summary>Those of an aggregate that wait for their ACK.</summary>
    public static IEnumerable<string> Of(Aggregate? state)
    {
        foreach (var leg in LegsOf(state))
        {
            if (leg.Transaction is { } transaction)
                yield return transaction;
            if (leg.Reinvite is { } reinvite)
                yield return reinvite.Transaction;
        }
    }

    private static IEnumerable<string> RepliesOf(StoredAggregate stored) =>
        stored.Pending.Select(pending => pending.Effect).OfType<Respond>().Select(respond => respond.Transaction);

    private static IEnumerable<Leg> LegsOf(Aggregate? state) => state switch
    {
        Conference conference => conference.Participants.Values.Select(participant => participant.Leg),
        DeferredSession { Leg: { } leg } => [leg],
        _ => [],
    };

    private readonly record struct Entry(AggregateId Aggregate, string Method, string? Boot)
    {
        public bool IsInvite => Method == "INVITE";
    }
}
