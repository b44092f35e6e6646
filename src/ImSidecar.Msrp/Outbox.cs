using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp;

/// <summary>What waits for one recipient, up to a limit, for one connection at most; closed for good.</summary>
internal sealed class Outbox(MsrpPaths initialPaths, int limit, TimeProvider clock)
{
    private volatile MsrpPaths _paths = initialPaths;
    private readonly Lock _gate = new();
    private readonly Queue<(OutgoingChunk Chunk, Route Route)> _chunks = [];
    private readonly PendingSends _pending = new();
    private ConnectionWriter? _writer;
    private TaskCompletionSource? _room;
    private long _backlog;
    private volatile bool _isClosed;
    private volatile bool _isLagging;

    public enum Added
    {
        Yes,
        Full,
        Closed,
    }

    public MsrpPaths Paths => _paths;

    /// <summary>So much waits that who sends should wait too.</summary>
    public bool IsCongested => !_isClosed && Interlocked.Read(ref _backlog) > limit / 2;

    public bool IsClosed => _isClosed;

    /// <summary>It was waited for in vain: nobody does again before it has room.</summary>
    public bool IsLagging => _isLagging;

    /// <summary>Queues a chunk; <paramref name="isForced"/> goes beyond the limit.</summary>
    public Added Add(OutgoingChunk chunk, Route route, bool isForced, WriterBatch batch)
    {
        bool isFirst;
        ConnectionWriter? writer;
        lock (_gate)
        {
            if (_isClosed)
                return Added.Closed;

            var size = Size(chunk);
            if (!isForced && _backlog + size > limit)
                return Added.Full;

            chunk.Retain();
            isFirst = _chunks.Count == 0;
            _chunks.Enqueue((chunk, route));
            _backlog += size;
            writer = _writer;
        }

        // A queue that already held something is in the hands of the writer.
        if (isFirst && writer is not null)
            batch.Signal(writer, this);

        return Added.Yes;
    }

    /// <summary>Hands the next chunk to the writer, and says whether there are more.</summary>
    public bool TryTake(out OutgoingChunk chunk, out int size, out bool hasMore)
    {
        lock (_gate)
        {
            var found = _chunks.TryDequeue(out var next);
            (chunk, size) = found ? (next.Chunk, Size(next.Chunk)) : (null!, 0);
            hasMore = _chunks.Count > 0;
            if (found)
                _pending.Add(chunk.Transaction, next.Route, clock.GetTimestamp());

            return found;
        }
    }

    /// <summary>The connection took these bytes.</summary>
    public void OnWritten(long bytes)
    {
        lock (_gate)
        {
            _backlog -= bytes;
            if (HasRoom)
                TellRoom();
        }
    }

    /// <summary>Ends when there is plenty of room, or nothing will be written any more.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            if (_isClosed || HasRoom)
                return Task.CompletedTask;

            _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    public void MarkLagging()
    {
        lock (_gate)
            _isLagging = !HasRoom;
    }

    /// <summary>A request of ours outside the queue awaits its answer too.</summary>
    public void Expect(string transactionId)
    {
        lock (_gate)
            _pending.Add(PendingSends.Key(transactionId), null, clock.GetTimestamp());
    }

    /// <summary>The peer answered; a message that it refuses is not continued. False for what we never sent.</summary>
    public bool OnAnswer(ReadOnlySpan<byte> transactionId, int status)
    {
        Route? route;
        lock (_gate)
        {
            if (!_pending.TryAnswer(PendingSends.Key(transactionId), out route))
                return false;
        }

        if (status != MsrpStatus.Ok)
            route?.Fail(status);

        return true;
    }

    /// <summary>True when something sent before this time has no answer; it is waited for no longer.</summary>
    public bool HasUnanswered(long before)
    {
        List<Route> late = [];
        bool any;
        lock (_gate)
            any = _pending.Expire(before, late);

        Fail(late);
        return any;
    }

    /// <summary>The peer is at other paths now: what waits goes there.</summary>
    public void Readdress(MsrpPaths paths)
    {
        lock (_gate)
        {
            _backlog += (long)_chunks.Count * (paths.Lines.Length - _paths.Lines.Length);
            _paths = paths;
        }
    }

    public void Attach(ConnectionWriter writer, WriterBatch batch)
    {
        bool hasChunks;
        lock (_gate)
        {
            _writer = writer;
            hasChunks = _chunks.Count > 0;
        }

        if (hasChunks)
            batch.Signal(writer, this);
    }

    public void Close()
    {
        List<Route> lost = [];
        lock (_gate)
        {
            _isClosed = true;
            _writer = null;
            _pending.Expire(long.MaxValue, lost);
            while (_chunks.TryDequeue(out var next))
            {
                lost.Add(next.Route);
                next.Chunk.Release();
            }

            TellRoom();
        }

        Fail(lost);
    }

    private static void Fail(List<Route> routes)
    {
        foreach (var route in routes)
            route.Fail(MsrpStatus.Timeout);
    }

    private bool HasRoom => _backlog <= limit / 4;

    private int Size(OutgoingChunk chunk) => chunk.Length + _paths.Lines.Length;

    private void TellRoom()
    {
        _isLagging = false;
        _room?.TrySetResult();
        _room = null;
    }
}
