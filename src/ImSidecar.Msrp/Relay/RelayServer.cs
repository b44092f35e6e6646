using System.Collections.Concurrent;
using ImSidecar.Msrp.Transport;
using ImSidecar.Protocol.Msrp;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImSidecar.Msrp.Relay;

/// <summary>The relay of this process, RFC 4976: connections, sessions, next hops, and the clock over them.</summary>
internal sealed class RelayServer : IDisposable
{
    private static readonly TimeSpan _tick = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<RelayConnection, bool> _connections = [];
    private readonly CancellationTokenSource _stopped = new();
    private readonly IOptions<RelayOptions> _section;
    private readonly TargetPolicy _policy;
    private readonly MsrpConnector _connector;
    private readonly ITimer _timer;
    private int _count;

    // Next hops leave room for those who come in.
    private int _outbound;

    public RelayServer(
        IOptions<RelayOptions> options, TlsIdentity tls, TimeProvider clock, ILogger<RelayServer> log)
    {
        _section = options;
        (Clock, Log) = (clock, log);
        Sessions = new(options, clock);
        Router = new(options, Sessions, new(options, this));
        Auth = new(options, Sessions, clock, log);
        Peers = new(options, tls);
        _policy = new(options);
        _connector = new(tls, Options.ConnectTimeout, clock, _policy.Allows);
        _timer = clock.CreateTimer(_ => Supervise(), null, _tick, _tick);
    }

    public RelayOptions Options => _section.Value;

    public TimeProvider Clock { get; }

    public ILogger Log { get; }

    public SessionTable Sessions { get; }

    public RelayRouter Router { get; }

    public RelayAuth Auth { get; }

    public RelayPeers Peers { get; }

    public int Connections => Volatile.Read(ref _count);

    /// <summary>Something is on its way to somebody who has not taken it yet.</summary>
    public bool IsWriting => _connections.Any(each => each.Key.Output.Stalled is not null);

    /// <summary>Somebody does not take what waits for him.</summary>
    public bool IsHeldUp => _connections.Any(each => each.Key.Output.IsFull);

    /// <summary>Serves a connection that a peer made, to its end.</summary>
    public async Task ServeAsync(ConnectionContext context)
    {
        SocketLiveness.Default.Watch(context);
        if (TryCreate(isOutbound: false) is not { } connection)
        {
            Log.TooManyConnections(context.RemoteEndPoint, Options.MaxConnections);
            context.Abort();
            return;
        }

        await RunAsync(connection, context).ConfigureAwait(false);
    }

    /// <summary>A connection that is still to be made; null when there are too many.</summary>
    public RelayConnection? TryCreate(bool isOutbound = true)
    {
        if (isOutbound && Interlocked.Increment(ref _outbound) > Math.Max(Options.MaxConnections / 2, 1))
        {
            Interlocked.Decrement(ref _outbound);
            return null;
        }

        if (Interlocked.Increment(ref _count) > Options.MaxConnections)
        {
            Interlocked.Decrement(ref _count);
            if (isOutbound)
                Interlocked.Decrement(ref _outbound);

            return null;
        }

        var connection = new RelayConnection(this, isOutbound);
        _connections[connection] = true;
        RelayMetrics.Connections.Add(1);
        return connection;
    }

    /// <summary>It is of no use any more.</summary>
    public void Drop(RelayConnection connection)
    {
        if (!_connections.TryRemove(connection, out _))
            return;

        Interlocked.Decrement(ref _count);
        if (connection.IsOutbound)
            Interlocked.Decrement(ref _outbound);

        RelayMetrics.Connections.Add(-1);
    }

    /// <summary>Makes a connection and runs it to its end.</summary>
    public async Task ConnectAsync(MsrpUri uri, RelayConnection connection)
    {
        try
        {
            var (context, reason) = await _connector.TryConnectAsync(uri, [], _stopped.Token).ConfigureAwait(false);
            if (context is not null)
            {
                connection.SetUseful();
                await RunAsync(connection, context).ConfigureAwait(false);
                return;
            }

            Log.ConnectFailed(uri, reason);
            connection.Fail(reason == MsrpConnector.NotAllowed ? MsrpStatus.Forbidden : MsrpStatus.Timeout);
        }
        catch (OperationCanceledException)
        {
            connection.Fail(MsrpStatus.Timeout);
        }
        catch (Exception failure)
        {
            Log.ConnectionFailed(failure);
            connection.Fail(MsrpStatus.Timeout);
        }
        finally
        {
            Drop(connection);
        }
    }

    /// <summary>Looks for what takes too long. The timer does it every second.</summary>
    public void Supervise()
    {
        try
        {
            foreach (var (connection, _) in _connections)
                connection.Supervise();

            Sessions.Sweep();
        }
        catch (Exception failure)
        {
            Log.RelaySupervisionFailed(failure);
        }
    }

    public void Dispose()
    {
        if (_stopped.IsCancellationRequested)
            return;

        _timer.Dispose();
        _stopped.Cancel();
        foreach (var (connection, _) in _connections)
            connection.Abort();
    }

    private async Task RunAsync(RelayConnection connection, ConnectionContext context)
    {
        // A stopping server waits for nobody to hang up.
        var lifetime = context.Features.Get<IConnectionLifetimeNotificationFeature>();
        using var stop = lifetime?.ConnectionClosedRequested.Register(connection.Abort);
        try
        {
            await connection.RunAsync(context).ConfigureAwait(false);
        }
        finally
        {
            Drop(connection);
            if (connection.IsOutbound)
                await context.DisposeAsync().ConfigureAwait(false);
        }
    }
}
