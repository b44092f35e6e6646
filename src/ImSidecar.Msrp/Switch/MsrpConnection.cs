using System.Buffers;
using System.IO.Pipelines;
using ImSidecar.Msrp.Transport;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Msrp.Switch;

/// <summary>One connection, accepted or made by us: reads frames, binds legs, answers; RFC 4975 5.4, 7.3.</summary>
internal sealed class MsrpConnection
{
    private readonly ConnectionContext _context;
    private readonly PeerProof _proof;
    private readonly SwitchTable _table;
    private readonly MsrpOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly MsrpParser _parser;
    private readonly ConnectionWriter _writer;
    private readonly PipeReader _input;
    private readonly ConnectionLegs _legs;
    private readonly ReadPause _pause;
    private readonly long _startedAt;
    private readonly EarlyRequest _early;
    private IMessageTaker? _target;
    private long _readAt;
    private long _askedAt;
    private int _loss = -1;
    private volatile bool _isBound;
    private volatile bool _isAborted;
    private volatile bool _isStopping;
    private volatile bool _mustSweep;

    public MsrpConnection(
        ConnectionContext context, PeerProof proof, SwitchTable table, MsrpOptions options, TimeProvider clock,
        ILogger log)
    {
        (_context, _proof, _table, _options, _clock, _log) = (context, proof, table, options, clock, log);
        _parser = new(options.MaxHeaderBytes);
        _writer = new(context.Transport.Output, clock, log);
        _input = context.Transport.Input;
        _legs = new(this, table);
        _early = new(table, clock);
        _pause = new(clock);
        _startedAt = _readAt = clock.GetTimestamp();
    }

    private enum Outcome
    {
        /// <summary>All that is here is worked off.</summary>
        Read,

        /// <summary>There may be more, but not now.</summary>
        Pause,

        Malformed,
    }

    public WriterBatch Batch { get; } = new();

    public TimeProvider Clock => _clock;

    /// <summary>Others have legs on it too: it comes from a relay.</summary>
    public bool IsShared => _legs.Count > 1;

    /// <summary>How long it has been here without a leg.</summary>
    public TimeSpan Unbound => _isBound ? TimeSpan.Zero : _clock.GetElapsedTime(_startedAt);

    public TimeSpan? Stalled => _writer.Stalled;

    /// <summary>How long nothing has come.</summary>
    public TimeSpan Silent => _clock.GetElapsedTime(Interlocked.Read(ref _readAt));

    /// <summary>How long nothing has come since the peer was asked whether it lives; null: it was not, or has answered.</summary>
    public TimeSpan? Asked => Interlocked.Read(ref _askedAt) is not 0 and var at ? _clock.GetElapsedTime(at) : null;

    /// <summary>While we do not read, or have just begun again, no answer can be missed.</summary>
    public bool MayHaveAnswersUnread(TimeSpan within) => _pause.IsRecent(within);

    /// <summary>Whether TLS says of the peer what the leg's description does.</summary>
    public bool MayServe(MsrpLeg leg) => _proof.IsEnoughFor(leg);

    public object? Peer => _context.RemoteEndPoint;

    /// <summary>It does not read, for what it brought waits to be taken elsewhere.</summary>
    public bool IsPaused => _pause.IsOn;

    /// <summary>Runs to the end of the connection. With a leg of our own to bind: the one we connected for.</summary>
    public async Task RunAsync(SwitchLeg? own = null)
    {
        try
        {
            if (own is null || TryBindOwn(own))
                await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException
            or ObjectDisposedException)
        {
            Note(MsrpLoss.Broken);
        }
        catch (Exception failure)
        {
            _log.ConnectionFailed(failure);
            Note(MsrpLoss.Broken);
        }
        finally
        {
            await EndAsync().ConfigureAwait(false);
        }
    }

    public void Respond(MsrpHead request, int status, string? comment = null) =>
        _writer.Respond(request, status, comment, Batch);

    /// <summary>RFC 4975 7.1.2: the sender says which answers it wants.</summary>
    public static bool IsWanted(MsrpHead request, int status) => request.FailureReport == FailureReport.Yes
        || request.FailureReport == FailureReport.Partial && status != MsrpStatus.Ok;

    /// <summary>From whatever thread that knows the answer.</summary>
    public void Answer(MsrpHead request, int status)
    {
        var batch = new WriterBatch();
        _writer.Respond(request, status, comment: null, batch);
        batch.Start();
    }

    /// <summary>The same for the last SEND of a message of this length.</summary>
    public void Answer(MsrpHead request, int status, string? comment, long length)
    {
        var batch = new WriterBatch();
        if (IsWanted(request, status))
            _writer.Respond(request, status, comment, batch);

        if (status == MsrpStatus.Ok && request.SuccessReport)
            _writer.Report(request, new(1, length, length), status, batch);

        batch.Start();
    }

    public void Report(MsrpHead request, ByteRange range) => _writer.Report(request, range, MsrpStatus.Ok, Batch);

    /// <summary>From whatever thread that finds out.</summary>
    public void ReportSuccess(MsrpHead request, long length)
    {
        var batch = new WriterBatch();
        _writer.Report(request, new(1, length, length), MsrpStatus.Ok, batch);
        batch.Start();
    }

    /// <summary>From whatever thread that finds out; the total stands in place of an end not known.</summary>
    public void ReportFailure(MsrpHead request, int status)
    {
        var batch = new WriterBatch();
        _writer.Report(request, new(1, request.Range?.Total, request.Range?.Total), status, batch);
        batch.Start();
    }

    /// <summary>Called by the _table, on the reader's own thread.</summary>
    public void Attach(LegBinding binding)
    {
        _legs.Add(binding);
        _isBound = true;
    }

    /// <summary>Writes what waits for one of our legs from now on.</summary>
    public void Serve(Outbox outbox)
    {
        var batch = new WriterBatch();
        outbox.Attach(_writer, batch);
        batch.Start();
    }

    /// <summary>Asks the peer of that leg to show that it lives.</summary>
    public void Challenge(Outbox outbox)
    {
        var batch = new WriterBatch();
        var transaction = MsrpIdent.Fresh();
        outbox.Expect(transaction);
        _writer.KeepAlive(outbox.Paths, transaction, batch);
        batch.Start();
    }

    /// <summary>The same because nothing comes any more: whatever comes is the answer.</summary>
    public void Ask(Outbox outbox)
    {
        Interlocked.Exchange(ref _askedAt, _clock.GetTimestamp());
        Challenge(outbox);
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
        _context.Abort();
    }

    private bool TryBindOwn(SwitchLeg own)
    {
        if (_table.Bind(own.Leg.SessionId, null, this, out _) != SwitchTable.BindResult.Bound
            || own.Paths is not { } paths)
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
            var size = buffer.Length;
            NoteRead();
            try
            {
                outcome = Process(ref buffer);
                Sweep();
            }
            finally
            {
                // Who pauses comes back to what is here already.
                MsrpMetrics.Read(size - buffer.Length);
                _input.AdvanceTo(buffer.Start, outcome == Outcome.Pause ? buffer.Start : buffer.End);
                Batch.Start();
            }

            if (outcome == Outcome.Malformed || _isBound && _legs.IsEmpty
                || outcome == Outcome.Read && result.IsCompleted)
            {
                Note(outcome == Outcome.Malformed ? MsrpLoss.Malformed : MsrpLoss.Closed);
                return;
            }

            if (outcome == Outcome.Pause)
                await PauseAsync().ConfigureAwait(false);
        }
    }

    private void NoteRead()
    {
        Interlocked.Exchange(ref _readAt, _clock.GetTimestamp());
        Interlocked.Exchange(ref _askedAt, 0);
    }

    private Outcome Process(ref ReadOnlySequence<byte> buffer)
    {
        if (_early.Take() is { } again)
            OnHead(again);

        while (true)
        {
            if (_early.IsThere)
                return Outcome.Pause;

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

            if (_writer.HasTooMuchControl || _legs.Last?.Taker.MustWait is true)
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

        // A REPORT is never answered, RFC 4975 7.1.2; only what the host says asks for one.
        if (head.Method == MsrpMethod.Report)
        {
            if (head.Fault == MsrpFault.None && _legs.Find(head) == 0)
                _legs.Last!.Leg.Sent?.OnReport(_legs.Last.Leg, head);

            return;
        }

        var status = head.Fault != MsrpFault.None ? MsrpStatus.BadRequest
            : head.Method is not (MsrpMethod.Send or MsrpMethod.Nickname) ? MsrpStatus.NotImplemented
            : _legs.Find(head);
        if (status == MsrpStatus.NoSuchSession && _early.TryKeep(head))
            return;

        if (status == 0 && head.Method == MsrpMethod.Nickname)
        {
            OnNickname(head, _legs.Last!);
        }
        else if (status == 0)
        {
            _legs.Last!.UsedAt = Interlocked.Read(ref _readAt);
            _target = _legs.Last.Taker;
            _target.OnHead(head);
        }
        else if (head.FailureReport != FailureReport.No)
        {
            Respond(head, status);
        }
    }

    private void OnNickname(MsrpHead head, LegBinding binding)
    {
        if (!UseNickname.TryRead(head.UseNicknameBytes, out var nickname))
            Respond(head, MsrpStatus.NicknameMalformed);
        else if (!binding.Leg.Nicknames.TryBegin(head, this))
            Respond(head, MsrpStatus.Forbidden, MsrpStatus.Comment(MsrpStatus.Forbidden) + ": too many at once");
        else
            _table.Ask(binding, head, nickname);
    }

    private void OnAnswer(MsrpHead head)
    {
        if (head.Fault != MsrpFault.None || !_legs.TryFind(head) || _legs.Last is not { } binding)
            return;

        // Not any more, where he has moved from: what was written there has not arrived.
        binding.UsedAt = Interlocked.Read(ref _readAt);
        if (head.Status == MsrpStatus.NoSuchSession && binding.Leg.Former == binding)
        {
            _table.EndFormer(binding.Leg);
            return;
        }

        if (binding.Outbox?.OnAnswer(head.TransactionIdBytes, head.Status) is not true)
            return;

        binding.Leg.HasAnswered();
        if (head.Status is MsrpStatus.NoSuchSession or MsrpStatus.SessionOnOtherConnection)
            _table.Lose(binding, MsrpLoss.UnknownToPeer);
    }

    private void OnFault()
    {
        _log.Malformed(Peer, _parser.Fault);
        if (_parser is { Fault: MsrpFault.EndLine, Head: { IsRequest: true } head })
            Respond(head, MsrpStatus.BadRequest);
    }

    private void Sweep()
    {
        if (!_mustSweep)
            return;

        _mustSweep = false;
        _legs.Sweep();
    }

    // Does not read on while the peer does not take our answers, or the others what this one says.
    private async Task PauseAsync()
    {
        var woken = _pause.Begin();
        if (!_isAborted && !_isStopping && !_mustSweep)
        {
            await _early.WaitAsync(woken).ConfigureAwait(false);
            await Task.WhenAny(_writer.WaitForRoomAsync(), woken).ConfigureAwait(false);
            if (_legs.Last is { } last)
                await last.Taker.WaitAsync(woken).ConfigureAwait(false);
        }

        _pause.End();

        // Nothing more need come for what has waited to go on.
        if (_early.IsThere)
            _input.WakeReader();
    }

    private void Wake()
    {
        _input.WakeReader();
        _pause.Wake();
    }

    // The first reason is the one to tell.
    private void Note(MsrpLoss loss) => Interlocked.CompareExchange(ref _loss, (int)loss, -1);

    private async Task EndAsync()
    {
        _legs.End(_isStopping ? null : (MsrpLoss)Math.Max(_loss, 0));
        Batch.Start();
        _writer.Finish();
        await _writer.Completion.ConfigureAwait(false);
        await _input.CompleteAsync().ConfigureAwait(false);
        await _context.Transport.Output.CompleteAsync().ConfigureAwait(false);
    }
}
