using System.Buffers;
using System.IO.Pipelines;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Msrp;

/// <summary>One connection, accepted or made by us: reads frames, binds it to legs, answers; RFC 4975 5.4, 7.3.</summary>
internal sealed class MsrpConnection(
    ConnectionContext context, SwitchTable table, MsrpOptions options, TimeProvider clock, ILogger log)
{
    private readonly MsrpParser _parser = new(options.MaxHeaderBytes);
    private readonly ConnectionWriter _writer = new(context.Transport.Output, clock, log);
    private readonly PipeReader _input = context.Transport.Input;
    private readonly List<LegBinding> _bindings = [];
    private readonly long _startedAt = clock.GetTimestamp();
    private LegBinding? _last;
    private byte[] _lastToPath = [];
    private MessageRelay? _target;
    private TaskCompletionSource? _pause;
    private int _loss = -1;
    private volatile bool _isBound;
    private volatile bool _isPaused;
    private volatile bool _isAborted;
    private volatile bool _isStopping;
    private volatile bool _mustSweep;
    private long _resumedAt;

    private enum Outcome
    {
        /// <summary>All that is here is worked off.</summary>
        Read,

        /// <summary>There may be more, but not now.</summary>
        Pause,

        Malformed,
    }

    public WriterBatch Batch { get; } = new();

    public TimeProvider Clock => clock;

    /// <summary>How long it has been here without a leg.</summary>
    public TimeSpan Unbound => _isBound ? TimeSpan.Zero : clock.GetElapsedTime(_startedAt);

    public TimeSpan Stalled => _writer.Stalled;

    /// <summary>While we do not read, or have just begun again, no answer can be missed.</summary>
    public bool MayHaveAnswersUnread(TimeSpan within) =>
        _isPaused || Interlocked.Read(ref _resumedAt) is not 0 and var at && clock.GetElapsedTime(at) < within;

    public object? Peer => context.RemoteEndPoint;

    /// <summary>It does not read, for what it brought waits to be taken elsewhere.</summary>
    public bool IsPaused => _isPaused;

    /// <summary>Runs to the end of the connection. With a leg of our own to bind: the one we connected for.</summary>
    public async Task RunAsync(SwitchLeg? own = null)
    {
        try
        {
            if (own is null || TryBindOwn(own))
                await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            Note(MsrpLoss.Broken);
        }
        catch (Exception failure)
        {
            log.ConnectionFailed(failure);
            Note(MsrpLoss.Broken);
        }
        finally
        {
            await EndAsync().ConfigureAwait(false);
        }
    }

    public void Respond(MsrpHead request, int status) => _writer.Respond(request, status, Batch);

    public void Report(MsrpHead request, ByteRange range) => _writer.Report(request, range, MsrpStatus.Ok, Batch);

    /// <summary>Called by the table, on the reader's own thread.</summary>
    public void Attach(LegBinding binding)
    {
        _bindings.Add(binding);
        _isBound = true;
    }

    /// <summary>Writes what waits for one of our legs from now on.</summary>
    public void Serve(Outbox outbox)
    {
        var batch = new WriterBatch();
        outbox.Attach(_writer, batch);
        batch.Start();
    }

    /// <summary>A leg of ours was taken away.</summary>
    public void OnBindingOver()
    {
        _mustSweep = true;
        Wake();
    }

    /// <summary>The process ends: what is queued goes out, then the connection closes. The legs are not lost.</summary>
    public void Stop()
    {
        _isStopping = true;
        Wake();
    }

    public void Abort(MsrpLoss loss)
    {
        Note(loss);
        _isAborted = true;
        Wake();
        _writer.Abort();
        context.Abort();
    }

    private bool TryBindOwn(SwitchLeg own)
    {
        if (table.Bind(own.Leg.SessionId, this, out _) != SwitchTable.BindResult.Bound || own.Paths is not { } paths)
            return false;

        // RFC 4975 5.4: who connects speaks at once, so that the other side knows for which session.
        var transaction = MsrpIdent.Fresh();
        own.Outbox?.Expect(transaction);
        _writer.KeepAlive(paths, transaction, Batch);
        Batch.Start();
        return true;
    }

    private async Task ReadAsync()
    {
        while (!_isAborted && !_isStopping)
        {
            var result = await _input.ReadAsync().ConfigureAwait(false);
            var buffer = result.Buffer;
            var outcome = Outcome.Malformed;
            try
            {
                outcome = Process(ref buffer);
                Sweep();
            }
            finally
            {
                // Who pauses comes back to what is here already.
                _input.AdvanceTo(buffer.Start, outcome == Outcome.Pause ? buffer.Start : buffer.End);
                Batch.Start();
            }

            if (outcome == Outcome.Malformed || _isBound && _bindings.Count == 0
                || outcome == Outcome.Read && result.IsCompleted)
            {
                Note(outcome == Outcome.Malformed ? MsrpLoss.Malformed : MsrpLoss.Closed);
                return;
            }

            if (outcome == Outcome.Pause)
                await PauseAsync().ConfigureAwait(false);
        }
    }

    private Outcome Process(ref ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            switch (_parser.Read(ref buffer, out var body))
            {
                case MsrpToken.Head:
                    OnHead(_parser.Head!);
                    break;

                case MsrpToken.Body:
                    _target?.OnBody(body);
                    break;

                case MsrpToken.End:
                    _target?.OnEnd(_parser.Flag);
                    _target = null;
                    break;

                case MsrpToken.Fault:
                    OnFault();
                    return Outcome.Malformed;

                default:
                    return Outcome.Read;
            }

            if (_writer.HasTooMuchControl || _last?.Relay.Awaited is not null)
                return Outcome.Pause;
        }
    }

    private void OnHead(MsrpHead head)
    {
        _target = null;
        if (!head.IsRequest)
        {
            OnAnswer(head);
            return;
        }

        // A REPORT is never answered, RFC 4975 7.1.2; ours ask for none, and what comes ends here.
        if (head.Method == MsrpMethod.Report)
            return;

        var status = head.Fault != MsrpFault.None ? MsrpStatus.BadRequest
            : head.Method != MsrpMethod.Send ? MsrpStatus.NotImplemented
            : Find(head);
        if (status == 0)
        {
            _target = _last!.Relay;
            _target.OnHead(head);
        }
        else if (head.FailureReport != FailureReport.No)
        {
            Respond(head, status);
        }
    }

    private void OnAnswer(MsrpHead head)
    {
        if (head.Fault != MsrpFault.None || !TryFindBound(head) || _last is not { } binding
            || binding.Leg.Outbox?.OnAnswer(head.TransactionIdBytes, head.Status) is not true)
            return;

        binding.Leg.IsUnresponsive = false;
        if (head.Status is MsrpStatus.NoSuchSession or MsrpStatus.SessionOnOtherConnection)
            table.Lose(binding, MsrpLoss.UnknownToPeer);
    }

    /// <summary>Finds or binds the leg of a request. 0, or the answer that refuses it.</summary>
    private int Find(MsrpHead head)
    {
        if (TryFindBound(head))
            return 0;

        // More than one URI would make us a relay.
        if (head.ToPath is not [{ SessionId: { } sessionId }])
            return MsrpStatus.NoSuchSession;

        var result = table.Bind(sessionId, this, out var binding);
        if (result == SwitchTable.BindResult.Bound)
            Remember(binding, head);

        return result switch
        {
            SwitchTable.BindResult.Bound => 0,
            SwitchTable.BindResult.BoundElsewhere => MsrpStatus.SessionOnOtherConnection,
            _ => MsrpStatus.NoSuchSession,
        };
    }

    private bool TryFindBound(MsrpHead head)
    {
        if (_last is { IsOver: false } && head.ToPathBytes.SequenceEqual(_lastToPath))
            return true;

        if (head.ToPath is not [{ SessionId: { } sessionId }]
            || _bindings.Find(each => !each.IsOver && each.Leg.SessionId == sessionId) is not { } binding)
            return false;

        Remember(binding, head);
        return true;
    }

    private void Remember(LegBinding binding, MsrpHead head)
    {
        _last = binding;
        _lastToPath = head.ToPathBytes.ToArray();
    }

    private void OnFault()
    {
        log.Malformed(Peer, _parser.Fault);
        if (_parser is { Fault: MsrpFault.EndLine, Head: { IsRequest: true } head })
            Respond(head, MsrpStatus.BadRequest);
    }

    private void Sweep()
    {
        if (!_mustSweep)
            return;

        _mustSweep = false;
        foreach (var binding in _bindings.Where(each => each.IsOver))
        {
            binding.Relay.Abandon();
            if (_target == binding.Relay)
                _target = null;
        }

        _bindings.RemoveAll(each => each.IsOver);
    }

    // Does not read on while the peer does not take our answers, or the others what this one says.
    private async Task PauseAsync()
    {
        var pause = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _pause, pause);
        _isPaused = true;
        if (!_isAborted && !_isStopping && !_mustSweep)
        {
            await Task.WhenAny(_writer.WaitForRoomAsync(), pause.Task).ConfigureAwait(false);
            if (_last?.Relay is { Awaited: { } message } relay)
            {
                relay.Awaited = null;
                await Backpressure.WaitAsync(message, options.LagTolerance, clock, pause.Task).ConfigureAwait(false);
            }
        }

        Interlocked.Exchange(ref _resumedAt, clock.GetTimestamp());
        _isPaused = false;
    }

    private void Wake()
    {
        _input.CancelPendingRead();
        Volatile.Read(ref _pause)?.TrySetResult();
    }

    // The first reason is the one to tell.
    private void Note(MsrpLoss loss) => Interlocked.CompareExchange(ref _loss, (int)loss, -1);

    private async Task EndAsync()
    {
        foreach (var binding in _bindings)
        {
            binding.Relay.Abandon();
            table.Lose(binding, _isStopping ? null : (MsrpLoss)Math.Max(_loss, 0));
        }

        Batch.Start();
        _writer.Finish();
        await _writer.Completion.ConfigureAwait(false);
        await _input.CompleteAsync().ConfigureAwait(false);
        await context.Transport.Output.CompleteAsync().ConfigureAwait(false);
    }
}
