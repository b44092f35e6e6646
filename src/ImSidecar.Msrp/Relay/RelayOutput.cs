using System.Buffers;
using System.IO.Pipelines;
using ImSidecar.Msrp.Transport;
using ImSidecar.Protocol.Msrp;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Msrp.Relay;

/// <summary>
/// What is written to a connection: straight into its pipe, or, while a flush is pending or the connection is still
/// being made, into a backlog. Anybody writes; one flush for all that was written meanwhile.
/// </summary>
internal sealed class RelayOutput(RelayOptions options, TimeProvider clock, ILogger log)
{
    private const int MaxAsked = 64;

    // Beyond the limit by so much SENDs are refused.
    private const int Overrun = 4;

    private readonly Lock _gate = new();
    private readonly List<(RelayConnection Origin, MsrpHead Request)> _asked = [];
    private readonly PendingSends _pending = new(options.MaxPendingSends);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BlockBuffer _backlog = new();
    private BlockBuffer _moving = new();
    private PipeWriter? _output;
    private TaskCompletionSource? _room;
    private bool _isFlushing;
    private bool _isDirty;
    private bool _isFinishing;
    private bool _isOver;
    private long _flushingSince;
    private long _answers;

    /// <summary>Ends when nothing will be written any more.</summary>
    public Task Completion => _over.Task;

    public bool IsOver => Volatile.Read(ref _isOver);

    /// <summary>Who writes here is not to read on.</summary>
    public bool IsFull => _backlog.Length > options.MaxBacklogBytes || _pending.IsFull;

    /// <summary>It is full because the peer does not read; else because it does not answer.</summary>
    public bool HasBacklog => _backlog.Length > options.MaxBacklogBytes;

    /// <summary>
    /// So much of what we say ourselves waits that who makes us say it is not to go on. What others have passed on does
    /// not count: they wait, and two relays that both waited for it would do so for ever.
    /// </summary>
    public bool HasManyAnswers => Volatile.Read(ref _answers) > options.MaxBacklogBytes;

    /// <summary>Nothing waits to be written or answered.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
                return _pending.Span == 0 && _backlog.Length == 0;
        }
    }

    /// <summary>How long the peer has been taking nothing; null: nothing is on its way to it.</summary>
    public TimeSpan? Stalled => Interlocked.Read(ref _flushingSince) is var since and not 0
        ? clock.GetElapsedTime(since) : null;

    /// <summary>The connection stands: what has waited is written.</summary>
    public void Attach(PipeWriter output)
    {
        lock (_gate)
        {
            _output = output;
            if (_isOver)
                return;

            // Until what has waited is written nobody writes past it.
            _isFlushing = _isDirty = true;
        }

        _ = DrainAsync();
    }

    /// <summary>A SEND under a transaction of ours; false when the connection is gone.</summary>
    public bool TrySend(in RelayFrame frame, RelayConnection origin, ByteRange range)
    {
        Span<byte> transaction = stackalloc byte[RelayTransaction.Length];
        lock (_gate)
        {
            if (_isOver || _pending.Span >= (long)options.MaxPendingSends * Overrun)
                return false;

            var next = _pending.Next();
            next.WriteTo(transaction);
            if (frame.Head.FailureReport == FailureReport.No)
                _pending.Skip();
            else
                _pending.Add(next, new(origin, frame.Head, range), clock.GetTimestamp());

            frame.WriteTo(Destination(), transaction);
            return true;
        }
    }

    /// <summary>Anything else, under the transaction it came with.</summary>
    public bool TryPass(in RelayFrame frame, RelayConnection origin)
    {
        lock (_gate)
        {
            if (_isOver)
                return false;

            if (frame.Head.IsRequest && frame.Head.Method != MsrpMethod.Report)
                Ask(origin, frame.Head);

            frame.WriteTo(Destination(), frame.Head.TransactionIdBytes);
            return true;
        }
    }

    public void Respond(MsrpHead request, int status, string? comment = null)
    {
        lock (_gate)
        {
            if (_isOver)
                return;

            var before = _backlog.Length;
            MsrpWriter.TryWriteResponse(Destination(), request, status, comment);
            _answers += _backlog.Length - before;
        }
    }

    public void Report(MsrpHead request, ByteRange range, int status)
    {
        lock (_gate)
        {
            if (_isOver)
                return;

            var before = _backlog.Length;
            MsrpWriter.WriteReport(
                Destination(), MsrpIdent.Fresh(), MsrpPaths.BackTo(request), request.MessageId, range, status);
            _answers += _backlog.Length - before;
        }
    }

    public void Write(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_isOver)
                return;

            var before = _backlog.Length;
            Destination().Write(frame);
            _answers += _backlog.Length - before;
        }
    }

    /// <summary>The SEND that this response is about.</summary>
    public bool TryAnswer(ReadOnlySpan<byte> transaction, out PassedSend send)
    {
        send = default;
        if (!RelayTransaction.TryRead(transaction, out var ours))
            return false;

        lock (_gate)
        {
            var wasFull = _pending.IsFull;
            var found = _pending.TryTake(ours, out send);
            if (wasFull)
                TellRoom();

            return found;
        }
    }

    /// <summary>What was sent before this time and has no answer.</summary>
    public List<PassedSend> Expire(long before)
    {
        lock (_gate)
        {
            var expired = _pending.Expire(before);
            TellRoom();
            return expired;
        }
    }

    /// <summary>The request other than SEND that this response is about; null: none that we know of.</summary>
    public (RelayConnection Origin, MsrpHead Request)? TakeAsked(ReadOnlySpan<byte> transaction)
    {
        lock (_gate)
        {
            for (var i = 0; i < _asked.Count; i++)
            {
                if (!_asked[i].Request.TransactionIdBytes.SequenceEqual(transaction))
                    continue;

                var asked = _asked[i];
                _asked.RemoveAt(i);
                return asked;
            }

            return null;
        }
    }

    /// <summary>Requests other than SEND that have no answer, of a connection that is over.</summary>
    public List<(RelayConnection Origin, MsrpHead Request)> TakeAsked()
    {
        lock (_gate)
        {
            List<(RelayConnection, MsrpHead)> asked = [.. _asked];
            _asked.Clear();
            return asked;
        }
    }

    /// <summary>Sends what was written, unless somebody does already.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_isFlushing || _isOver || _output is null || !_isDirty)
                return;

            _isFlushing = true;
        }

        _ = DrainAsync();
    }

    /// <summary>Ends when there is room again, or nothing to wait for.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            if (_isOver || !IsFull)
                return Task.CompletedTask;

            _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Writes what is there and ends then.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _isFinishing = true;
            if (!_isFlushing && (!_isDirty || _output is null))
                EndLocked();
        }

        Flush();
    }

    /// <summary>Ends at once.</summary>
    public void Abort()
    {
        PipeWriter? output;
        lock (_gate)
        {
            EndLocked();
            output = _output;
        }

        output?.WakeWriter();
    }

    private async Task DrainAsync()
    {
        try
        {
            while (true)
            {
                MoveBacklog();
                Interlocked.Exchange(ref _flushingSince, clock.GetTimestamp());
                var flush = await _output!.FlushAsync().ConfigureAwait(false);
                Interlocked.Exchange(ref _flushingSince, 0);
                if (!GoOn(isOver: flush.IsCompleted || flush.IsCanceled))
                    return;
            }
        }
        catch (Exception failure)
        {
            // A connection that is gone its reader sees too; anything else is a fault of ours.
            if (failure is not (IOException or InvalidOperationException or OperationCanceledException))
                log.WriterFailed(failure);

            GoOn(isOver: true);
        }
    }

    private void MoveBacklog()
    {
        lock (_gate)
        {
            (_backlog, _moving) = (_moving, _backlog);
            _answers = 0;
            _isDirty = false;
            TellRoom();
        }

        _moving.MoveTo(_output!);
    }

    private bool GoOn(bool isOver)
    {
        lock (_gate)
        {
            if (!isOver && !_isOver && _backlog.Length > 0)
                return true;

            _isFlushing = false;
            if (isOver || _isOver || _isFinishing)
                EndLocked();

            return false;
        }
    }

    // What nobody answers is forgotten for what comes after it.
    private void Ask(RelayConnection origin, MsrpHead request)
    {
        if (_asked.Count == MaxAsked)
            _asked.RemoveAt(0);

        _asked.Add((origin, request));
    }

    private IBufferWriter<byte> Destination()
    {
        _isDirty = true;
        return _isFlushing || _output is null ? _backlog : _output;
    }

    // Over for others only when nobody is writing any more: they complete the pipe then.
    private void EndLocked()
    {
        Volatile.Write(ref _isOver, true);
        TellRoom();
        if (_isFlushing)
            return;

        _backlog.Clear();
        _over.TrySetResult();
    }

    private void TellRoom()
    {
        _room?.TrySetResult();
        _room = null;
    }
}
