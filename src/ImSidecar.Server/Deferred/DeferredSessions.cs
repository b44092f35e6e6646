using System.Collections.Concurrent;
using ImSidecar.Core.Conferences;
using ImSidecar.Core.Participating;
using ImSidecar.Protocol.Sip;

namespace ImSidecar.Server.Deferred;

/// <summary>
/// Sessions with the message store that this node has, for events that name them neither by id nor by transaction: an
/// ACK after a restart of Kamailio by its dialog, a message by its MSRP session.
/// </summary>
internal sealed class DeferredSessions(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, OpenDeposit> _deposits = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<DialogId, AggregateId> _answering = new();
    private readonly ConcurrentDictionary<string, int> _ofCallers = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Sessions in which messages are left or fetched.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Those of one caller.</summary>
    public int CountOf(string caller) => _ofCallers.GetValueOrDefault(caller);

    /// <summary>The session that somebody leaves messages in; null: it is none, or none of these.</summary>
    public OpenDeposit? DepositOf(string sessionId) => _deposits.GetValueOrDefault(sessionId);

    /// <summary>The session whose 200 waits for its ACK.</summary>
    public AggregateId? Answering(DialogId dialog) =>
        _answering.TryGetValue(dialog, out var id) ? id : null;

    public void OnHeld(DeferredSession? before, DeferredSession? after)
    {
        Recount(before, after);
        var sessionId = after is { Purpose: DeferredPurpose.Deposit } ? after.Leg?.Media.SessionId : null;
        if (before?.Leg?.Media.SessionId is { } old && old != sessionId)
            _deposits.TryRemove(old, out _);
        if (sessionId is not null)
            _deposits.GetOrAdd(sessionId, _ => new OpenDeposit(time.GetUtcNow())).Session = after!;

        var dialog = AnsweringOf(after);
        if (AnsweringOf(before) is { } settled && settled != dialog)
            _answering.TryRemove(settled, out _);
        if (dialog is { } waiting)
            _answering[waiting] = after!.Id;
    }

    // Who calls does not change while a session lives.
    private void Recount(DeferredSession? before, DeferredSession? after)
    {
        var (was, now) = (CallerIn(before), CallerIn(after));
        if (was == now)
            return;

        if (now is not null)
        {
            Interlocked.Increment(ref _count);
            _ofCallers.AddOrUpdate(now, 1, (_, count) => count + 1);
        }

        if (was is not null)
        {
            Interlocked.Decrement(ref _count);
            if (_ofCallers.AddOrUpdate(was, 0, (_, count) => count - 1) <= 0)
                _ofCallers.TryRemove(new(was, 0));
        }
    }

    private static string? CallerIn(DeferredSession? session) =>
        session is null ? null : DeferredSession.CallerOf(session);

    private static DialogId? AnsweringOf(DeferredSession? session) =>
        session?.Leg is { Transaction: not null } leg ? leg.Dialog : null;
}

/// <summary>A session that somebody leaves messages in, and what is not worth a save: when he has last said something.</summary>
internal sealed class OpenDeposit(DateTimeOffset since)
{
    private long _lastTicks = since.UtcTicks;

    private volatile DeferredSession _session = null!;

    public DeferredSession Session
    {
        get => _session;
        set => _session = value;
    }

    public DateTimeOffset LastMessageAt
    {
        get => new(Volatile.Read(ref _lastTicks), TimeSpan.Zero);
        set => Volatile.Write(ref _lastTicks, value.UtcTicks);
    }

    /// <summary>The message before: the next one of the session waits for it. Touched by who reads events only.</summary>
    public Task Last { get; set; } = Task.CompletedTask;
}
