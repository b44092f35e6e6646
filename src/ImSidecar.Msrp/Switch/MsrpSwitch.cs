using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using ImSidecar.Msrp.Transport;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Switch;

/// <summary>The switch of this process: the legs the host opens, the connections, and the clock over both.</summary>
internal sealed class MsrpSwitch : IMsrpSwitch, IMsrpLegs, IDisposable
{
    private const int MaxEvents = 64 * 1024;

    private static readonly TimeSpan _tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(4);

    private readonly ConcurrentDictionary<MsrpConnection, bool> _connections = [];
    private readonly CancellationTokenSource _stopped = new();

    // Outlives its source: connections that end with the switch still ask.
    private readonly CancellationToken _stopping;
    private readonly Channel<MsrpLegEvent> _events = Channel.CreateBounded<MsrpLegEvent>(MaxEvents);
    private readonly MsrpOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly TlsIdentity _tls;
    private readonly SwitchTable _table;
    private readonly MsrpConnector _connector;
    private readonly SocketLiveness _liveness;
    private readonly ITimer _timer;
    private int _count;

    public MsrpSwitch(
        IOptions<MsrpOptions> options, TlsIdentity tls, TimeProvider clock, ILogger<MsrpSwitch> log)
    {
        _stopping = _stopped.Token;
        _options = options.Value;
        _clock = clock;
        _log = log;
        _tls = tls;
        _table = new(_options, clock, Raise, leg => _ = ConnectAsync(leg, isAgain: true));
        _liveness = new(_options.TcpKeepAlive, _options.TcpUserTimeout);
        _connector = new(tls, _options.ConnectTimeout, clock, liveness: _liveness);
        _timer = clock.CreateTimer(_ => Supervise(), null, _tick, _tick);
    }

    public ChannelReader<MsrpLegEvent> Events => _events.Reader;

    public bool IsAvailable => true;

    public IEnumerable<MsrpConnection> Connections => _connections.Select(each => each.Key);

    public IReadOnlyCollection<string> SessionIds => [.. _table.Legs.Select(leg => leg.SessionId)];

    int IMsrpLegs.Connections => Volatile.Read(ref _count);

    public bool IsConnected(string sessionId) => _table.Find(sessionId)?.Binding is not null;

    public ValueTask OpenLegAsync(MsrpLeg leg)
    {
        OpenLeg(leg);
        return ValueTask.CompletedTask;
    }

    public void OpenLeg(MsrpLeg leg)
    {
        if (leg.LocalUri.SessionId != leg.SessionId)
            throw new ArgumentException("The session id of a leg is the one in its local URI", nameof(leg));

        if (_table.Open(leg, out var entry))
            _ = ConnectAsync(entry, isAgain: false);
    }

    public void AwaitLegs(Func<Task> allAreOpen) => _table.AllAreOpen = allAreOpen;

    public void CloseLeg(string sessionId) => _table.Close(sessionId);

    public void AnswerNickname(string sessionId, string transaction, int status)
    {
        if (_table.Find(sessionId)?.Nicknames.End(transaction) is var (request, connection))
            connection.Answer(request, status);
    }

    public void AnswerMessage(string sessionId, long token, int status, string? comment = null) =>
        _table.Find(sessionId)?.Arrived?.Answer(token, status, comment);

    public bool Send(string sessionId, MsrpMessage message)
    {
        if (message.MessageId.Length < 4 || !MsrpIdent.IsValid(Encoding.UTF8.GetBytes(message.MessageId))
            || !MediaTypes.IsUsable(message.ContentType))
            throw new ArgumentException("A message has a Message-ID and a type that can be written", nameof(message));

        return _table.Find(sessionId) is { Sent: { } sent } leg && sent.TrySend(leg, message);
    }

    /// <summary>Serves a connection that a peer made, to its end.</summary>
    public Task ServeAsync(ConnectionContext context) => TryRunAsync(context, own: null);

    /// <summary>Looks for what takes too long. The timer does it every second.</summary>
    public void Supervise()
    {
        try
        {
            foreach (var connection in Connections)
                Supervise(connection);

            foreach (var leg in _table.Legs)
                Supervise(leg);
        }
        catch (Exception failure)
        {
            _log.SupervisionFailed(failure);
        }
    }

    public void Dispose()
    {
        // The container knows it under two types and disposes it for each.
        if (_stopping.IsCancellationRequested)
            return;

        _timer.Dispose();
        _stopped.Cancel();
        foreach (var connection in Connections)
            connection.Abort(MsrpLoss.Closed);

        _events.Writer.TryComplete();
        _stopped.Dispose();
    }

    private async Task<bool> TryRunAsync(ConnectionContext context, SwitchLeg? own)
    {
        if (Interlocked.Increment(ref _count) > _options.MaxConnections)
        {
            Interlocked.Decrement(ref _count);
            _log.TooManyConnections(context.RemoteEndPoint, _options.MaxConnections);
            context.Abort();
            return false;
        }

        var connection = new MsrpConnection(
            context, new(context, _tls.AsksPeers), _table, _options, _clock, _log);
        _connections[connection] = true;
        MsrpMetrics.Connections.Add(1);
        _liveness.Watch(context);
        var lifetime = context.Features.Get<IConnectionLifetimeNotificationFeature>();
        using var stop = lifetime?.ConnectionClosedRequested.Register(connection.Stop);
        try
        {
            await connection.RunAsync(own).ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            Interlocked.Decrement(ref _count);
            MsrpMetrics.Connections.Add(-1);
        }

        return true;
    }

    private async Task ConnectAsync(SwitchLeg leg, bool isAgain)
    {
        try
        {
            // A peer that hangs up at once is not called at once.
            if (isAgain)
                await Task.Delay(_firstPause, _clock, _stopping).ConfigureAwait(false);

            if (!await TryConnectAsync(leg).ConfigureAwait(false))
                _table.GiveUp(leg, MsrpLoss.ConnectFailed);
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
        catch (Exception failure)
        {
            _log.ConnectionFailed(failure);
            _table.GiveUp(leg, MsrpLoss.ConnectFailed);
        }
    }

    // Again and again, to wherever the peer is by then; true when there is no need (any more).
    private async Task<bool> TryConnectAsync(SwitchLeg leg)
    {
        var started = _clock.GetTimestamp();
        for (var pause = _firstPause; _table.TargetOf(leg) is { } target; pause = Longer(pause))
        {
            if (!MsrpConnector.CanConnectTo(target))
            {
                _log.ConnectFailed(target, "nobody can connect to there");
                return false;
            }

            var (context, reason) = await _connector
                .TryConnectAsync(target, leg.Leg.Fingerprints, _stopping, NameOf(leg)).ConfigureAwait(false);
            await using (context)
            {
                if (context is not null && await TryRunAsync(context, leg).ConfigureAwait(false))
                    return true;
            }

            var isOver = _clock.GetElapsedTime(started) + pause > PatienceWith(leg);
            if (pause == _firstPause || isOver)
                _log.ConnectFailed(target, reason);

            if (isOver)
                return false;

            await Task.Delay(pause, _clock, _stopping).ConfigureAwait(false);
        }

        return true;
    }

    // With CEMA we connect elsewhere, to the same peer.
    private static string? NameOf(SwitchLeg leg) => leg.Leg.RemotePath is [var first, ..] ? first.Host : null;

    private TimeSpan PatienceWith(SwitchLeg leg) => leg.Leg.ConnectWithin ?? _options.BindTimeout;

    private static TimeSpan Longer(TimeSpan pause) => pause < _longestPause ? pause * 2 : pause;

    private void Supervise(MsrpConnection connection)
    {
        if (connection.Stalled > _options.StallTimeout)
        {
            _log.Stalled(connection.Peer);
            connection.Abort(MsrpLoss.Stalled);
        }
        else if (connection.Unbound > _options.BindTimeout)
        {
            _log.NeverBound(connection.Peer);
            connection.Abort(MsrpLoss.Closed);
        }
    }

    private void Supervise(SwitchLeg leg)
    {
        // As long as something comes or goes where he was, it comes to its end.
        if (leg.Former is { } former && _clock.GetElapsedTime(former.UsedAt) > _options.ChallengeTimeout)
            _table.EndFormer(leg);

        var timeout = (long)(_options.TransactionTimeout.TotalSeconds * _clock.TimestampFrequency);
        leg.Arrived?.Expire(_clock.GetTimestamp() - timeout);

        var binding = leg.Binding;
        CheckMissed(leg, binding?.Connection);
        if (binding is null && !leg.IsConnecting && leg.Outbox is not null
            && _clock.GetElapsedTime(leg.WaitsSince) > PatienceWith(leg))
            _table.GiveUp(leg, MsrpLoss.NeverConnected);

        if (binding is null || leg.Outbox is not { } outbox
            || binding.Connection.MayHaveAnswersUnread(_options.TransactionTimeout))
            return;

        if (outbox.HasUnanswered(_clock.GetTimestamp() - timeout) && !leg.IsUnresponsive)
        {
            leg.IsUnresponsive = true;
            Raise(new MsrpLegUnresponsive(leg.SessionId, leg.Leg.BridgeId));
        }

        CheckSilence(leg, binding.Connection, outbox);
    }

    // Who says nothing and answers nothing is asked, and then is gone.
    private void CheckSilence(SwitchLeg leg, MsrpConnection connection, Outbox outbox)
    {
        if (_options.KeepAlive == TimeSpan.Zero)
            return;

        if (connection.Asked > _options.TransactionTimeout)
        {
            _log.Silent(connection.Peer);
            connection.Abort(MsrpLoss.Silent);
        }
        else if (connection.Asked is null
            && connection.Silent > (leg.IsUnresponsive ? _options.TransactionTimeout : _options.KeepAlive))
        {
            connection.Ask(outbox);
        }
    }

    private void CheckMissed(SwitchLeg leg, MsrpConnection? connection)
    {
        var missed = leg.Missed.Add(leg.Outbox?.TakeOverflows() ?? 0, isThere: connection is not null);
        if (connection is null || _options.MaxMissedMessages == 0 || missed <= _options.MaxMissedMessages)
            return;

        _log.Overflowed(connection.Peer, missed);
        leg.Missed.Clear();
        if (connection.IsShared && leg.Binding is { } binding)
            _table.Lose(binding, MsrpLoss.Stalled);
        else
            connection.Abort(MsrpLoss.Stalled);
    }

    private bool Raise(MsrpLegEvent happened)
    {
        if (_events.Writer.TryWrite(happened))
            return true;

        if (!_stopping.IsCancellationRequested)
            _log.EventLost();

        return false;
    }
}
