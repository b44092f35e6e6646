using System.Buffers;
using System.IO.Pipelines;
using ImSidecar.Msrp.Transport;
using ImSidecar.Protocol.Msrp;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Msrp.Switch;

/// <summary>
/// The one who writes to a connection: answers first, then the chunks of its legs in turn, one flush for all that is
/// there, and nothing while a flush is pending.
/// </summary>
internal sealed class ConnectionWriter(PipeWriter output, TimeProvider clock, ILogger log) : IThreadPoolWorkItem
{
    // About one large chunk: what a slow but living peer takes well within the time we wait for it.
    private const int MaxBatch = 64 * 1024;
    private const int MaxControl = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<Outbox> _ready = [];
    private readonly List<(Outbox Outbox, int Size)> _written = [];
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ArrayBufferWriter<byte> _control = new();
    private ArrayBufferWriter<byte> _controlBeingWritten = new();
    private TaskCompletionSource? _room;
    private bool _isRunning;
    private bool _isFinishing;
    private bool _isOver;
    private long _flushingSince;

    /// <summary>Ends when everything is written after <see cref="Finish"/>, or nothing can be.</summary>
    public Task Completion => _over.Task;

    /// <summary>More answers wait than a peer that reads would leave.</summary>
    public bool HasTooMuchControl => _control.WrittenCount > MaxControl;

    /// <summary>How long the peer has been taking nothing; null: nothing is on its way to it.</summary>
    public TimeSpan? Stalled => Interlocked.Read(ref _flushingSince) is var since and not 0
        ? clock.GetElapsedTime(since) : null;

    /// <summary>True when the caller has to start the writer.</summary>
    public bool Signal(Outbox outbox)
    {
        lock (_gate)
        {
            if (_isOver)
                return false;

            _ready.Enqueue(outbox);
            return MustStart();
        }
    }

    public void Respond(MsrpHead request, int status, string? comment, WriterBatch batch)
    {
        lock (_gate)
        {
            if (!_isOver && MsrpWriter.TryWriteResponse(_control, request, status, comment) && MustStart())
                batch.Add(this);
        }
    }

    public void Report(MsrpHead request, ByteRange range, int status, WriterBatch batch)
    {
        lock (_gate)
        {
            if (_isOver)
                return;

            MsrpWriter.WriteReport(
                _control, MsrpIdent.Fresh(), MsrpPaths.BackTo(request), request.MessageId, range, status);
            if (MustStart())
                batch.Add(this);
        }
    }

    public void KeepAlive(MsrpPaths paths, string transactionId, WriterBatch batch)
    {
        lock (_gate)
        {
            if (_isOver)
                return;

            MsrpWriter.WriteKeepAlive(_control, paths, transactionId);
            if (MustStart())
                batch.Add(this);
        }
    }

    /// <summary>Ends when the answers that wait are few enough again.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            if (_isOver || !HasTooMuchControl)
                return Task.CompletedTask;

            _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Writes what is there and then ends.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _isFinishing = true;
            if (_isOver || !MustStart())
                return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Ends at once; a pending flush is woken.</summary>
    public void Abort()
    {
        End();
        output.WakeWriter();
    }

    public void Execute() => _ = DrainAsync();

    private async Task DrainAsync()
    {
        try
        {
            while (TryFill())
            {
                Interlocked.Exchange(ref _flushingSince, clock.GetTimestamp());
                var flush = await output.FlushAsync().ConfigureAwait(false);
                Interlocked.Exchange(ref _flushingSince, 0);

                Settle();
                if (flush.IsCompleted || flush.IsCanceled)
                    End();
            }
        }
        catch (Exception failure)
        {
            // A connection that is gone its reader sees too; anything else is a fault of ours.
            if (failure is not (IOException or InvalidOperationException or OperationCanceledException))
                log.WriterFailed(failure);

            EndDrain();
        }
    }

    // Puts what is ready into the pipe; false when there is nothing, and then nobody runs any more.
    private bool TryFill()
    {
        lock (_gate)
        {
            if (_isOver || _control.WrittenCount == 0 && _ready.Count == 0)
            {
                _isRunning = false;
                if (_isOver || _isFinishing)
                    EndLocked();

                return false;
            }

            (_control, _controlBeingWritten) = (_controlBeingWritten, _control);
            TellRoom();
        }

        var size = _controlBeingWritten.WrittenCount;
        output.Write(_controlBeingWritten.WrittenSpan);
        Recycle(ref _controlBeingWritten);
        var left = MaxBatch;
        while (left > 0 && TryTakeReady(out var outbox))
            left -= Fill(outbox, left);

        MsrpMetrics.Wrote(size + MaxBatch - left);
        return true;
    }

    private int Fill(Outbox outbox, int budget)
    {
        var size = 0;
        var hasMore = true;
        var now = clock.GetTimestamp();
        while (hasMore && size < budget && outbox.TryTake(now, out var chunk, out var chunkSize, out hasMore))
        {
            chunk.WriteTo(output, outbox.Paths);
            chunk.Release();
            size += chunkSize;
        }

        if (size > 0)
            _written.Add((outbox, size));

        if (hasMore)
        {
            lock (_gate)
                _ready.Enqueue(outbox);
        }

        return size;
    }

    private bool TryTakeReady(out Outbox outbox)
    {
        lock (_gate)
            return _ready.TryDequeue(out outbox!);
    }

    private void Settle()
    {
        foreach (var (outbox, size) in _written)
            outbox.OnWritten(size);

        _written.Clear();
    }

    // A burst does not keep its memory.
    private static void Recycle(ref ArrayBufferWriter<byte> buffer)
    {
        if (buffer.Capacity > 16 * 1024)
            buffer = new();
        else
            buffer.ResetWrittenCount();
    }

    private bool MustStart()
    {
        if (_isRunning)
            return false;

        _isRunning = true;
        return true;
    }

    private void End()
    {
        lock (_gate)
            EndLocked();
    }

    private void EndDrain()
    {
        lock (_gate)
        {
            _isRunning = false;
            EndLocked();
        }
    }

    // Over for others only when nobody is writing any more: they complete the pipe then.
    private void EndLocked()
    {
        _isOver = true;
        _ready.Clear();
        TellRoom();
        if (!_isRunning)
            _over.TrySetResult();
    }

    private void TellRoom()
    {
        _room?.TrySetResult();
        _room = null;
    }
}
