using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using ImSidecar.Msrp.Transport;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ImSidecar.Msrp.Relay;

/// <summary>One connection of the relay, accepted or made: reads frames and has them passed on, RFC 4976 6.</summary>
internal sealed class RelayConnection
{
    private readonly RelayServer _server;
    private readonly MsrpParser _parser;
    private readonly FrameForwarder _forwarder;
    private readonly HashSet<RelaySession> _owned = [];
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _startedAt;
    private PipeReader? _input;
    private ConnectionContext? _context;
    private X509Certificate2? _peerRelay;
    private int _held;
    private long _needed;
    private int _users;
    private long _usedAt;
    private volatile bool _isUseful;
    private volatile bool _isAborted;
    private volatile bool _mustCut;
    private volatile bool _isPaused;
    private bool _hadHeld;
    private bool _isOver;

    public RelayConnection(RelayServer server, bool isOutbound)
    {
        _server = server;
        _parser = new(server.Options.MaxHeaderBytes);
        Output = new(server.Options, server.Clock, server.Log);
        _forwarder = new(server, this);
        IsOutbound = isOutbound;
        _startedAt = _usedAt = server.Clock.GetTimestamp();
    }

    private enum Outcome
    {
        Read,
        Pause,
        Malformed,
    }

    public RelayOutput Output { get; }

    public bool IsOutbound { get; }

    public IPAddress? PeerAddress { get; private set; }

    /// <summary>It has TLS.</summary>
    public bool IsSecure { get; private set; }

    /// <summary>With OnlyPeers: a client with AUTH, a relay of the list, or whom we have connected to.</summary>
    public bool MaySend => IsOutbound || _peerRelay is not null || OwnsAny;

    private bool OwnsAny
    {
        get
        {
            lock (_owned)
                return _owned.Count > 0;
        }
    }

    /// <summary>It is the relay of the list with that name.</summary>
    public bool IsPeer(string host) => _peerRelay?.MatchesHostname(host) is true;

    public void SetUseful() => _isUseful = true;

    public void AddUser() => Interlocked.Increment(ref _users);

    public void RemoveUser() => Interlocked.Decrement(ref _users);

    public void Own(RelaySession session)
    {
        lock (_owned)
        {
            if (!_isOver)
            {
                _owned.Add(session);
                return;
            }
        }

        session.Unbind(this, _server.Clock.GetUtcNow());
    }

    public void Disown(RelaySession session)
    {
        lock (_owned)
            _owned.Remove(session);
    }

    /// <summary>Runs to the end of the connection.</summary>
    public async Task RunAsync(ConnectionContext context)
    {
        try
        {
            Begin(context);
            await ReadAsync(context.Transport.Input).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException
            or ObjectDisposedException)
        {
            // The peer is gone, or we are.
        }
        catch (Exception failure)
        {
            _server.Log.ConnectionFailed(failure);
        }
        finally
        {
            await EndAsync(context).ConfigureAwait(false);
        }
    }

    /// <summary>It could not be made: what waits for it fails.</summary>
    public void Fail(int status)
    {
        Output.Abort();
        Release(status);
    }

    public void Abort()
    {
        _isAborted = true;
        _aborted.TrySetResult();
        Output.Abort();
        _input?.WakeReader();
        _context?.Abort();
    }

    /// <summary>Called every second: what takes too long, and a chunk that trickles in.</summary>
    public void Supervise()
    {
        var (options, clock) = (_server.Options, _server.Clock);
        ExpireSends();
        var reason = _context is not null && !_isUseful && clock.GetElapsedTime(_startedAt) > options.BindTimeout
            ? "no session in time"
            : Output.Stalled > options.StallTimeout ? "the peer does not read" : null;
        if (reason is not null)
        {
            _server.Log.RelayClosed(_context?.RemoteEndPoint, reason);
            Abort();
            return;
        }

        if (IsOutbound && _context is not null && Volatile.Read(ref _users) <= 0 && Output.IsIdle
            && clock.GetElapsedTime(Volatile.Read(ref _usedAt)) > options.IdleTimeout)
            Abort();

        CutWhatTrickles();
    }

    private void ExpireSends()
    {
        // Answers may be here that are not read yet.
        if (_isPaused)
            return;

        var clock = _server.Clock;
        var before = clock.GetTimestamp()
            - (long)(_server.Options.TransactionTimeout.TotalSeconds * clock.TimestampFrequency);
        foreach (var send in Output.Expire(before))
        {
            // Only who wants every answer hears that there was none, RFC 4975 7.1.2.
            if (send.Head.FailureReport == FailureReport.Yes)
                FrameForwarder.ReportFailure(send, MsrpStatus.Timeout);
        }
    }

    // What of a chunk has been here for a second goes on, though the chunk is not whole.
    private void CutWhatTrickles()
    {
        var isHeld = Volatile.Read(ref _held) > 0 || Volatile.Read(ref _needed) > 0;
        if (isHeld && _hadHeld)
        {
            _mustCut = true;
            _input?.WakeReader();
        }

        _hadHeld = isHeld;
    }

    private void Begin(ConnectionContext context)
    {
        _context = context;
        _input = context.Transport.Input;
        PeerAddress = (context.RemoteEndPoint as IPEndPoint)?.Address is { } address
            ? address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address : null;
        var tls = context.Features.Get<ITlsConnectionFeature>();
        IsSecure = tls is not null || context.Features.Get<ITlsHandshakeFeature>() is not null;
        _peerRelay = _server.Peers.Recognize(tls?.ClientCertificate);
        Output.Attach(context.Transport.Output);
    }

    private async Task ReadAsync(PipeReader input)
    {
        while (!_isAborted)
        {
            var result = await input.ReadAsync().ConfigureAwait(false);
            var buffer = result.Buffer;
            var outcome = Outcome.Malformed;
            var size = buffer.Length;
            try
            {
                // Who pauses keeps what is here: it has been looked at, and would not be given again before more comes.
                while ((outcome = Process(ref buffer)) == Outcome.Pause && !_isAborted)
                    await PauseAsync().ConfigureAwait(false);
            }
            finally
            {
                RelayMetrics.Read(size - buffer.Length);
                input.AdvanceTo(buffer.Start, buffer.End);
                _forwarder.Flush();
            }

            if (outcome == Outcome.Malformed || outcome == Outcome.Read && result.IsCompleted)
                return;
        }
    }

    private async Task PauseAsync()
    {
        _forwarder.Flush();
        _isPaused = true;
        await _forwarder.WaitAsync(_aborted.Task).ConfigureAwait(false);
        _isPaused = false;
    }

    private Outcome Process(ref ReadOnlySequence<byte> buffer)
    {
        Volatile.Write(ref _usedAt, _server.Clock.GetTimestamp());
        while (true)
        {
            if (buffer.Length < _needed && !_mustCut)
                return Outcome.Read;

            // A body stays here until it is whole, or enough to be cut.
            var rest = _held == 0 ? buffer : buffer.Slice(_held);
            switch (_parser.Read(ref rest, out var piece))
            {
                case MsrpToken.Head:
                    _forwarder.OnHead(_parser.Head!);
                    Volatile.Write(ref _needed, _forwarder.IsTaking ? LengthOf(_parser.Head!) : 0);
                    buffer = rest;
                    continue;

                case MsrpToken.Body when _forwarder.IsTaking:
                    if (_held == 0)
                        buffer = buffer.Slice(piece.Start);

                    Volatile.Write(ref _held, _held + (int)piece.Length);
                    CutLong(ref buffer);
                    break;

                case MsrpToken.Body:
                    buffer = rest;
                    break;

                case MsrpToken.End:
                    _forwarder.OnEnd(buffer.Slice(0, _held), _parser.Flag);
                    _held = 0;
                    buffer = rest;
                    break;

                case MsrpToken.NeedMore:
                    // The parser may be past the blank line before a body.
                    if (_held == 0)
                        buffer = rest;

                    CutEarly(ref buffer);
                    return Outcome.Read;

                default:
                    _forwarder.OnFault(_parser);
                    return Outcome.Malformed;
            }

            Volatile.Write(ref _needed, 0);
            if (_forwarder.MustWait)
                return Outcome.Pause;
        }
    }

    // Of a chunk that says how long it is, what is behind its head: then it need not be looked through.
    private static long LengthOf(MsrpHead head) =>
        head is { HasBody: true, Range: { End: { } end, Start: var start } } && end - start < FrameForwarder.MaxPiece
            ? end - start + 1 + 2 + 12 + head.TransactionIdBytes.Length : 0;

    private void CutLong(ref ReadOnlySequence<byte> buffer)
    {
        while (_held > FrameForwarder.MaxPiece)
            Cut(ref buffer, FrameForwarder.MaxPiece);
    }

    private void CutEarly(ref ReadOnlySequence<byte> buffer)
    {
        if (!_mustCut)
            return;

        _mustCut = false;
        if (_held > 0)
            Cut(ref buffer, _held);
    }

    private void Cut(ref ReadOnlySequence<byte> buffer, int length)
    {
        _forwarder.OnPiece(buffer.Slice(0, length));

        // What is not passed on is not held either.
        if (!_forwarder.IsTaking)
            length = _held;

        buffer = buffer.Slice(length);
        Volatile.Write(ref _held, _held - length);
    }

    private async Task EndAsync(ConnectionContext context)
    {
        _forwarder.OnLost();
        Release(MsrpStatus.Timeout);
        Output.Finish();
        await Task.WhenAny(Output.Completion, _aborted.Task).ConfigureAwait(false);
        Output.Abort();
        await Output.Completion.ConfigureAwait(false);
        await context.Transport.Input.CompleteAsync().ConfigureAwait(false);
        await context.Transport.Output.CompleteAsync().ConfigureAwait(false);
        Release(MsrpStatus.Timeout);
    }

    // Sessions lose their connection, and what was sent on it has no answer.
    private void Release(int status)
    {
        RelaySession[] owned;
        lock (_owned)
        {
            _isOver = true;
            owned = [.. _owned];
            _owned.Clear();
        }

        foreach (var session in owned)
            session.Unbind(this, _server.Clock.GetUtcNow());

        foreach (var send in Output.Expire(long.MaxValue))
            FrameForwarder.ReportFailure(send, status);

        foreach (var (origin, request) in Output.TakeAsked())
        {
            origin.Output.Respond(request, status);
            origin.Output.Flush();
        }
    }
}
