using System.Collections.Concurrent;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip.Requests;

namespace ImSidecar.Server.Hosting;

/// <summary>Which aggregate a waiting transaction belongs to, for events that name nothing else.</summary>
internal sealed class TransactionTable
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new();
    private int _boot;

    public int Count => _entries.Count;

    public void Add(ImRequest request, AggregateId id) =>
        _entries[request.Transaction] = new(id, request.Method, _boot);

    public AggregateId? Find(string transaction) =>
        _entries.TryGetValue(transaction, out var entry) ? entry.Aggregate : null;

    public string? MethodOf(string transaction) =>
        _entries.TryGetValue(transaction, out var entry) ? entry.Method : null;

    /// <summary>After a restart: INVITEs whose ACK is awaited and replies not yet confirmed.</summary>
    public void Resume(StoredAggregate stored)
    {
        var id = stored.State.Id;
        foreach (var leg in LegsOf(stored.State))
        {
            if (leg.Transaction is { } transaction)
                _entries[transaction] = new(id, "INVITE", _boot);
            if (leg.Reinvite is { } reinvite)
                _entries[reinvite.Transaction] = new(id, "INVITE", _boot);
        }

        foreach (var pending in stored.Pending)
        {
            if (pending.Effect is Respond respond)
                _entries.TryAdd(respond.Transaction, new(id, "", _boot));
        }
    }

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
    /// Kamailio has restarted: nobody ends its transactions any more. The last ones stay until the next restart, for
    /// replies that are still on their way are refused by name.
    /// </summary>
    public void OnRebooted()
    {
        foreach (var (transaction, entry) in _entries)
        {
            if (entry.Boot < _boot)
                _entries.TryRemove(transaction, out _);
        }

        _boot++;
    }

    private static IEnumerable<Leg> LegsOf(Aggregate state) => state switch
    {
        Conference conference => conference.Participants.Values.Select(participant => participant.Leg),
        DeferredSession { Leg: { } leg } => [leg],
        _ => [],
    };

    private readonly record struct Entry(AggregateId Aggregate, string Method, int Boot)
    {
        public bool IsInvite => Method == "INVITE";
    }
}
