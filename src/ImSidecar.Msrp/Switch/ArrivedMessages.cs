using System.Text;
using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>Whole messages of one leg whose last SEND waits until the host has answered for it.</summary>
internal sealed class ArrivedMessages(HeldBytes budget, Func<MsrpLegEvent, bool> raise, TimeProvider clock)
{
    // A sender that pipelines has its messages stored together; what is beyond stays in its connection.
    private const int Limit = 8;

    private static long _lastToken;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Waiting> _waiting = [];
    private TaskCompletionSource? _room;

    /// <summary>The next one would be too many.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
                return _waiting.Count >= Limit;
        }
    }

    public HeldBytes Budget => budget;

    /// <summary>Tells the host; false when it cannot be told. Its memory is given back with the answer.</summary>
    public bool TryAdd(MsrpLeg leg, HeldMessage message, MsrpHead last, MsrpConnection connection)
    {
        var token = Interlocked.Increment(ref _lastToken);
        var first = message.First;
        lock (_gate)
            _waiting[token] = new(last, connection, message.Length, message.Held, clock.GetTimestamp());

        if (raise(new MsrpMessageArrived(
            leg.SessionId, leg.BridgeId, token, Encoding.ASCII.GetString(first.MessageIdBytes), first.ContentType,
            first.Bytes.ToArray(), message.Body)))
            return true;

        Take(token);
        return false;
    }

    public void Answer(long token, int status, string? comment)
    {
        if (Take(token) is { } waiting)
            waiting.Connection.Answer(waiting.Last, status, comment, waiting.Length);
    }

    /// <summary>The host has not answered for what came before this time: it does not hold up who sends.</summary>
    public void Expire(long before)
    {
        List<long> late;
        lock (_gate)
            late = [.. _waiting.Where(each => each.Value.Since < before).Select(each => each.Key)];

        foreach (var token in late)
            Answer(token, MsrpStatus.Timeout, comment: null);
    }

    /// <summary>That connection is over: nobody is there to be answered.</summary>
    public void Forget(MsrpConnection connection)
    {
        List<long> gone;
        lock (_gate)
            gone = [.. _waiting.Where(each => each.Value.Connection == connection).Select(each => each.Key)];

        gone.ForEach(each => Take(each));
    }

    /// <summary>Ends when one more may come.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            if (_waiting.Count < Limit)
                return Task.CompletedTask;

            _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    private Waiting? Take(long token)
    {
        lock (_gate)
        {
            if (!_waiting.Remove(token, out var waiting))
                return null;

            budget.Give(waiting.Held);
            _room?.TrySetResult();
            _room = null;
            return waiting;
        }
    }

    private sealed record Waiting(MsrpHead Last, MsrpConnection Connection, int Length, int Held, long Since);
}
