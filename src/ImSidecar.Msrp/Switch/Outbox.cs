using ImSidecar.Protocol.Msrp;

namespace ImSidecar.Msrp.Switch;

/// <summary>What waits for one recipient, up to a limit, for one connection at most; closed for good.</summary>
internal sealed class Outbox(MsrpPaths initialPaths, int limit, TimeProvider clock, bool isHeld = false)
{
    private volatile MsrpPaths _paths = initialPaths;
    private readonly Lock _gate = new();
    private Queue<(OutgoingChunk Chunk, Route Route)> _chunks = [];
    private readonly PendingSends _pending = new();
    private ConnectionWriter? _writer;
    private TaskCompletionSource? _room;
    private Outbox? _next;
    private long _backlog;
    private long _kept;
    private int _overflows;
    private bool _isHeld = isHeld;
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
        Outbox? next;
        lock (_gate)
        {
            next = route.WrittenBy == this ? null : _next;
            if (_isClosed && next is null)
                return Added.Closed;

            var size = Size(chunk);
            if (next is null && !isForced && _backlog + size > limit)
                return Added.Full;

            isFirst = _chunks.Count == 0 && !_isHeld;
            writer = _writer;
            if (next is null)
            {
                chunk.Retain();
                _chunks.Enqueue((chunk, route));
                _backlog += size;
            }
        }

        if (next is not null)
        {
            route.Outbox = next;
            return next.Add(chunk, route, isForced, batch);
        }

        // A queue that already held something is in the hands of the writer.
        if (isFirst && writer is not null)
            batch.Signal(writer, this);

        return Added.Yes;
    }

    /// <summary>Hands the next chunk to the writer, and says whether there are more.</summary>
    public bool TryTake(long now, out OutgoingChunk chunk, out int size, out bool hasMore)
    {
        lock (_gate)
        {
            (chunk, size, hasMore) = (null!, 0, false);
            if (_isHeld || !_chunks.TryDequeue(out var next))
                return false;

            (chunk, size) = (next.Chunk, Size(next.Chunk));
            hasMore = _chunks.Count > 0;
            next.Route.WrittenBy = this;
            Keep(next.Chunk, next.Route, now);
            return true;
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

    /// <summary>A message was given up, for there was no room.</summary>
    public void NoteOverflow() => Interlocked.Increment(ref _overflows);

    /// <summary>How often that was since it was last asked.</summary>
    public int TakeOverflows() => Interlocked.Exchange(ref _overflows, 0);

    public void MarkLagging()
    {
        lock (_gate)
            _isLagging = !HasRoom;
    }

    /// <summary>A request of ours outside the queue awaits its answer too.</summary>
    public void Expect(string transactionId)
    {
        lock (_gate)
            _pending.Add(PendingSends.Key(transactionId), default, clock.GetTimestamp());
    }

    /// <summary>The peer answered; a message that it refuses is not continued. False for what we never sent.</summary>
    public bool OnAnswer(ReadOnlySpan<byte> transactionId, int status)
    {
        Route? route;
        Outbox? next;
        lock (_gate)
        {
            if (!_pending.TryAnswer(PendingSends.Key(transactionId), out var sent))
                return false;

            Drop(sent);
            route = sent.Route;
            if (route is not null)
                route.IsBroken = true;
            next = IsSettled ? _next : null;
        }

        next?.Begin();
        route?.OnAnswer(status);
        return true;
    }

    /// <summary>True when something sent before this time has no answer; it is waited for no longer.</summary>
    public bool HasUnanswered(long before)
    {
        List<PendingSends.Sent> late;
        lock (_gate)
        {
            late = _pending.Expire(before);
            late.ForEach(Drop);
        }

        Fail(late.Select(each => each.Route).OfType<Route>());
        return late.Count > 0;
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
            hasChunks = _chunks.Count > 0 && !_isHeld;
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
            foreach (var sent in _pending.Expire(long.MaxValue))
            {
                Drop(sent);
                if (sent.Route is { } route)
                    lost.Add(route);
            }

            while (_chunks.TryDequeue(out var next))
            {
                lost.Add(next.Route);
                next.Chunk.Release();
            }

            TellRoom();
        }

        Fail(lost);
    }

    /// <summary>
    /// The recipient is somewhere else from now on. What this connection has begun it ends; all else is for the next
    /// outbox, which waits until all that was written here is answered.
    /// </summary>
    public void MoveTo(Outbox next)
    {
        bool isSettled;
        lock (_gate)
        {
            _next = next;
            var staying = new Queue<(OutgoingChunk, Route)>();
            var moving = new List<(OutgoingChunk, Route)>();
            foreach (var (chunk, route) in _chunks)
            {
                if (route.WrittenBy == this)
                    staying.Enqueue((chunk, route));
                else
                    moving.Add((chunk, route));
            }

            _backlog -= moving.Sum(each => Size(each.Item1));
            _chunks = staying;
            next.PutFirst(moving);
            TellRoom();
            isSettled = IsSettled;
        }

        if (isSettled)
            next.Begin();
    }

    /// <summary>
    /// The connection is over, the recipient is not: what has no answer begins anew there. A message that had come
    /// in part has failed.
    /// </summary>
    public void CloseInto(Outbox next)
    {
        List<Route> lost = [];
        lock (_gate)
        {
            (_isClosed, _writer, _next) = (true, null, next);
            var all = _pending.Expire(long.MaxValue)
                .Concat(_chunks.Select(each => new PendingSends.Sent(each.Route, each.Chunk)));
            var whole = new List<(OutgoingChunk, Route)>();
            foreach (var (route, chunk) in all)
            {
                if (route is { IsBroken: false } && chunk is not null)
                    whole.Add((chunk, route));
                else
                    chunk?.Release();

                if (route is { IsBroken: true })
                    lost.Add(route);
            }

            _chunks.Clear();
            next.PutFirst(whole);
            TellRoom();
        }

        Fail(lost);
        next.Begin();
    }

    // At the head, for it was said before.
    private void PutFirst(List<(OutgoingChunk Chunk, Route Route)> chunks)
    {
        lock (_gate)
        {
            foreach (var (chunk, route) in chunks)
            {
                (route.Outbox, route.WrittenBy) = (this, null);
                _backlog += Size(chunk);
            }

            _chunks = new(chunks.Concat(_chunks));
        }
    }

    private void Begin()
    {
        var batch = new WriterBatch();
        lock (_gate)
        {
            _isHeld = false;
            if (_chunks.Count > 0 && _writer is { } writer)
                batch.Signal(writer, this);
        }

        batch.Start();
    }

    // Written, but perhaps not read: kept for another connection as long as there is room.
    private void Keep(OutgoingChunk chunk, Route route, long now)
    {
        var isKept = _kept + chunk.Length <= limit;
        if (!_pending.Add(chunk.Transaction, new(route, isKept ? chunk : null), now))
        {
            route.IsBroken = true;
            route.OnUntracked();
            return;
        }

        if (!isKept)
        {
            route.IsBroken = true;
            return;
        }

        chunk.Retain();
        _kept += chunk.Length;
    }

    private void Drop(PendingSends.Sent sent)
    {
        if (sent.Chunk is not { } chunk)
            return;

        _kept -= chunk.Length;
        chunk.Release();
    }

    private bool IsSettled => _chunks.Count == 0 && _pending.IsEmpty;

    private static void Fail(IEnumerable<Route> routes)
    {
        foreach (var route in routes)
            route.Lose();
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
