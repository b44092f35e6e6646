using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Text;
using ImSidecar.Client.Sip;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Client.Msrp;

/// <summary>
/// Our session at an MSRP relay, or at one behind another: AUTH, its refresh, and one connection for all that goes
/// through it; RFC 4976.
/// </summary>
public sealed class MsrpRelay : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<MsrpHead>> _waiting = [];
    private readonly ConcurrentDictionary<MsrpUri, MsrpSession> _sessions = [];
    private readonly DigestCredentials _credentials;
    private readonly Action<ProtocolViolation> _report;
    private readonly RelayOptions _options;
    private readonly MsrpDialer _dialer;
    private readonly MsrpUri _local;
    private MsrpConnection? _connection;
    private TimeSpan _expires;

    private MsrpRelay(RelayOptions options, string user, string password, Action<ProtocolViolation> report)
    {
        _options = options;
        _dialer = new(options.Connection, options.Local.AddressFamily);
        _local = new(options.Local.ToString(), 9, Token.New(20));
        _credentials = new(user, password);
        _report = report;
    }

    /// <summary>The relays in the order of a To-Path; as a=path says them they stand the other way round.</summary>
    public ImmutableArray<MsrpUri> UsePath { get; private set; } = [];

    internal MsrpConnection? Connection => _connection;

    /// <summary>Connects to the first relay, and asks each for a session through those before it.</summary>
    public static async Task<MsrpRelay> OpenAsync(
        RelayOptions options, string user, string password, Action<ProtocolViolation> report,
        CancellationToken cancellation = default)
    {
        var relay = new MsrpRelay(options, user, password, report);
        try
        {
            await relay.ConnectAsync(cancellation);
            relay.UsePath = await relay.JoinAsync([], options.Relays, cancellation);
            _ = relay.RefreshAsync();
            return relay;
        }
        catch
        {
            await relay.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _connection?.Close();
    }

    internal void Attach(MsrpUri local, MsrpSession session) => _sessions[local] = session;

    internal void Detach(MsrpUri local) => _sessions.TryRemove(local, out _);

    private async Task ConnectAsync(CancellationToken cancellation)
    {
        var relay = _options.Relays[0];
        var hop = new MsrpMedia
        {
            Port = relay.EffectivePort,
            Path = [relay],
            Fingerprints = _options.Fingerprints,
        };
        var connection = await _dialer.ConnectAsync(hop, cancellation);
        connection.IsShared = true;
        _connection = connection;
        _ = ReadAsync(connection);
    }

    // Each relay through those whose sessions we have.
    private async Task<ImmutableArray<MsrpUri>> JoinAsync(
        ImmutableArray<MsrpUri> through, IEnumerable<MsrpUri> relays, CancellationToken cancellation)
    {
        foreach (var relay in relays)
        {
            var granted = await AuthAsync([.. through, relay], cancellation);
            if (granted.Status != MsrpStatus.Ok || !TryReadPath(granted, out var path))
                throw new IOException($"the relay {relay} says {granted.Status} {MsrpStatus.Comment(granted.Status)}");

            // One that names only itself means: behind the others.
            through = path.Length > through.Length ? path : [.. through, .. path];
            if (int.TryParse(granted.Find("Expires"), CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
                _expires = TimeSpan.FromSeconds(seconds);
        }

        return through;
    }

    private async Task<MsrpHead> AuthAsync(ImmutableArray<MsrpUri> to, CancellationToken cancellation)
    {
        var answer = await AskAsync(to, "", cancellation);
        if (answer.Status != MsrpStatus.Unauthorized)
            return answer;

        var challenges = answer.Fields
            .Where(each => each.Name.Equals("WWW-Authenticate", StringComparison.OrdinalIgnoreCase))
            .Select(each => each.Value);
        if (DigestChallenge.Of(challenges) is not { } challenge)
            return answer;

        // RFC 4976 5.1: the last URI is what the relay it is for still sees.
        var proof = _credentials.Answer(challenge, "AUTH", to[^1].ToString(), Token.New(16));
        return await AskAsync(to, $"Authorization: {proof}\r\n", cancellation);
    }

    private async Task<MsrpHead> AskAsync(
        ImmutableArray<MsrpUri> to, string fields, CancellationToken cancellation)
    {
        var id = MsrpIdent.Fresh();
        var waiting = new TaskCompletionSource<MsrpHead>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = waiting;
        try
        {
            var connection = _connection ?? throw new IOException("the relay has closed the connection");
            await connection.WriteAsync(
                Encoding.UTF8.GetBytes(
                    $"MSRP {id} AUTH\r\nTo-Path: {string.Join(' ', to)}\r\nFrom-Path: {_local}\r\n{fields}"
                    + $"-------{id}$\r\n"),
                cancellation);
            return await waiting.Task.WaitAsync(_patience, cancellation);
        }
        catch (TimeoutException)
        {
            throw new IOException("the relay does not answer");
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    private static bool TryReadPath(MsrpHead granted, out ImmutableArray<MsrpUri> path)
    {
        path = [];
        return granted.Find("Use-Path") is { } field
            && MsrpUri.TryParsePath(Encoding.UTF8.GetBytes(field), out path);
    }

    // Well before its time, every relay of the path.
    private async Task RefreshAsync()
    {
        try
        {
            while (_expires > TimeSpan.Zero)
            {
                await Task.Delay(_expires / 2, _closed.Token);
                await RenewAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // We are being closed.
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            for (var length = 1; length <= UsePath.Length; length++)
                await AuthAsync([.. UsePath.Take(length)], _closed.Token);
        }
        catch (Exception error) when (error is IOException or SocketException
            or AuthenticationException or WebSocketException)
        {
            // Whoever reads the connection sees that it is gone, and connects again.
        }
    }

    private async Task ReadAsync(MsrpConnection connection)
    {
        try
        {
            var broken = await connection.ReadAsync(
                frame => TakeAsync(frame, connection), _ => Task.CompletedTask, _closed.Token);
            if (broken is not null)
                _report(new("RFC 4975 7", broken, connection.Remote));
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException
            or ObjectDisposedException)
        {
            // The relay went away or we did.
        }

        connection.Close();
        foreach (var waiting in _waiting.Values)
            waiting.TrySetException(new IOException("the relay has closed the connection"));
        foreach (var session in _sessions.Values)
            session.OnRelayLost();
        await ReturnAsync();
    }

    private Task TakeAsync(MsrpFrame frame, MsrpConnection connection)
    {
        if (frame.Head is { IsRequest: false } answer && _waiting.TryRemove(answer.TransactionId, out var waiting))
        {
            waiting.TrySetResult(answer);
            return Task.CompletedTask;
        }

        return frame.Head.ToPath is [.., var last] && _sessions.TryGetValue(last, out var session)
            ? session.TakeAsync(frame, connection)
            : Task.CompletedTask;
    }

    // AUTH by the URIs we have makes them lead to the new connection.
    private async Task ReturnAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(_pause, _closed.Token);
                await ConnectAsync(_closed.Token);
                await RenewAsync();
                foreach (var session in _sessions.Values)
                    session.OnRelayBack();
                return;
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException
                or AuthenticationException or WebSocketException)
            {
                // It may be restarting.
            }
        }
    }
}
