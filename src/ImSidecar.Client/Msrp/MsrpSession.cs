using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Text;
using System.Threading.Channels;
using ImSidecar.Client.Sip;
using ImSidecar.Protocol.Cpim;
using ImSidecar.Protocol.Msrp;
using ImSidecar.Protocol.Sdp;

namespace ImSidecar.Client.Msrp;

/// <summary>One MSRP session, active or passive, RFC 4975 and RFC 6135.</summary>
public sealed class MsrpSession : IAsyncDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _gate = new();
    private readonly Action<ProtocolViolation> _report;
    private readonly MsrpReceiver _receiver;
    private readonly MsrpOutbox _outbox;
    private readonly Socket _listener;
    private readonly MsrpDialer _dialer;
    private TaskCompletionSource _connected = New();
    private TaskCompletionSource _mayRead = New();
    private readonly ConcurrentQueue<MsrpUri> _former = [];
    private MsrpConnection? _connection;
    private Task? _accepting;
    private int _isReconnecting;
    private MsrpPaths? _paths;

    internal MsrpSession(IPAddress local, MsrpOptions options, Action<ProtocolViolation> report)
    {
        Options = options;
        _report = report;
        _outbox = new(WriteAsync, options.ResponseTimeout);
        _listener = new(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(local, 0));
        _listener.Listen();
        _dialer = new(options, local.AddressFamily);
        Local = options.WebSocket is { } url
            ? new(Token.New(12) + ".invalid", MsrpUri.DefaultPort, Token.New(20), "ws", url.Scheme == "wss")
            : new(
                options.PathHost ?? local.ToString(), PortOf(options), Token.New(20),
                isSecure: options.Tls is not null);
        _receiver = new(() => Local, IsFormer, options, _outbox, report, _closed.Token);
        options.Relay?.Attach(Local, this);
        if (!options.StartsPaused)
            _mayRead.SetResult();
    }

    public MsrpOptions Options { get; }

    /// <summary>Our end of the path.</summary>
    public MsrpUri Local { get; private set; }

    /// <summary>The way to us as our description says it: the relay farthest from us first.</summary>
    public ImmutableArray<MsrpUri> Path => [.. UsePath.Reverse(), Local];

    /// <summary>What the peer's description says; null before it is known.</summary>
    public MsrpMedia? Remote => _receiver.Remote;

    public bool IsActive { get; private set; }

    public bool IsConnected => _connection is not null;

    /// <summary>Ends when a connection stands that belongs to the session; fails if none could be opened.</summary>
    public Task Connected => _connected.Task;

    /// <summary>The answer to the empty SEND with which the active side binds its connection.</summary>
    public Task<int> Bound { get; private set; } = Task.FromResult(0);

    public ChannelReader<MsrpMessage> Messages => _receiver.Inbox.Messages.Reader;

    public ChannelReader<string> AbortedMessages => _receiver.Inbox.Aborted.Reader;

    public ChannelReader<MsrpReport> Reports => _receiver.Reports.Reader;

    /// <summary>Every SEND that came in, empty ones too.</summary>
    public IReadOnlyCollection<MsrpChunk> Chunks => _receiver.Chunks;

    /// <summary>Messages begun and neither complete nor given up.</summary>
    public int OpenMessages => _receiver.Inbox.OpenMessages;

    /// <summary>Takes another session id, for an answer that moves the session.</summary>
    internal void Renew()
    {
        _former.Enqueue(Local);
        Local = new(Local.Host, Local.EffectivePort, Token.New(20), Local.Transport, Local.IsSecure);
        Options.Relay?.Attach(Local, this);
    }

    /// <summary>With TLS or without, as the peer's offer has it; a WebSocket or a relay is as it is.</summary>
    internal void Secure(bool isSecure)
    {
        if (Options is { WebSocket: null, Relay: null })
            Local = new(Local.Host, Local.EffectivePort, Local.SessionId, Local.Transport, isSecure);
    }

    /// <summary>Goes on by the renewed path; a connection we had is read until the peer ends it.</summary>
    internal async Task MoveAsync(MsrpMedia remote, bool isActive, bool keepsConnection)
    {
        if (!keepsConnection)
        {
            lock (_gate)
                (_connection, _connected) = (null, New());
            await StartAsync(remote, isActive);
            return;
        }

        _paths = PathsTo(remote);
        Bound = KeepAliveAsync();
    }

    /// <summary>Begins with what both descriptions say; an active side connects and binds with an empty SEND.</summary>
    internal async Task StartAsync(MsrpMedia remote, bool isActive)
    {
        _receiver.Remote = remote;
        IsActive = isActive;
        _paths = PathsTo(remote);
        if (Options.Relay is not null)
        {
            OnRelayBack();
            return;
        }

        if (!isActive)
        {
            _accepting ??= AcceptAsync();
            return;
        }

        try
        {
            await OpenAsync();
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or IOException
            or AuthenticationException or WebSocketException)
        {
            // The call stands without it; who needs the connection is told.
            _connected.TrySetException(error);
        }
    }

    /// <summary>A message held in memory.</summary>
    public Task<MsrpSendResult> SendAsync(
        string contentType, ReadOnlyMemory<byte> body, MsrpSendOptions? options = null) =>
        SendAsync(contentType, new MemoryStream(body.ToArray()), body.Length, options);

    /// <summary>A message of any length out of a stream; a null length is "*" on the wire.</summary>
    public Task<MsrpSendResult> SendAsync(
        string contentType, Stream body, long? length, MsrpSendOptions? options = null) =>
        _outbox.SendAsync(Paths, contentType, body, length, options ?? new());

    /// <summary>A text in a CPIM message.</summary>
    public Task<MsrpSendResult> SendTextAsync(string from, string to, string text, MsrpSendOptions? options = null)
    {
        var output = new ArrayBufferWriter<byte>();
        var cpim = new CpimMessage
        {
            From = new(from),
            To = [new(to)],
            DateTime = DateTimeOffset.UtcNow,
            ContentType = "text/plain; charset=utf-8",
            Content = Encoding.UTF8.GetBytes(text),
        };
        cpim.WriteTo(output);
        return SendAsync("message/cpim", output.WrittenMemory, options);
    }

    /// <summary>Asks for a nickname, with an empty one for none; the status of the answer.</summary>
    public Task<int> NicknameAsync(string nickname) => _outbox.AskNicknameAsync(Paths, nickname);

    /// <summary>An empty SEND; the status of its answer.</summary>
    public async Task<int> KeepAliveAsync() =>
        (await _outbox.SendAsync(Paths, null, Stream.Null, null, new())).Status;

    /// <summary>Bytes as they are: a frame nobody should send.</summary>
    public Task SendBytesAsync(ReadOnlyMemory<byte> bytes) => WriteAsync(bytes);

    public void PauseReading() => _mayRead = _mayRead.Task.IsCompleted ? New() : _mayRead;

    public void ResumeReading() => _mayRead.TrySetResult();

    /// <summary>Closes the connection as a lost network would; the session stays.</summary>
    public void DropConnection()
    {
        if (_connection is { } connection)
            Unbind(connection);
    }

    /// <summary>Connects again as the active side; the answer to the SEND that binds.</summary>
    public async Task<int> ConnectAsync()
    {
        await OpenAsync();
        return await Bound;
    }

    /// <summary>A frame that came by our relay.</summary>
    internal Task TakeAsync(MsrpFrame frame, MsrpConnection connection) =>
        _receiver.TakeAsync(frame, connection, () => BindFirst(connection));

    internal void OnRelayLost()
    {
        if (_connection is { } connection)
            Unbind(connection);
    }

    /// <summary>The connection to the relay stands; who is active shows the peer that he is there.</summary>
    internal void OnRelayBack()
    {
        if (Options.Relay?.Connection is not { } connection || _paths is null)
            return;

        Bind(connection);
        if (IsActive)
            Bound = KeepAliveAsync();
    }

    // Until the peer takes us: while it restarts, and while it still has our old connection (506).
    private async Task ReconnectAsync()
    {
        using var pause = new PeriodicTimer(_pause);
        try
        {
            while (_connection is null && await pause.WaitForNextTickAsync(_closed.Token))
            {
                if (await TryConnectAsync() is not (200 or 0))
                    DropConnection();
            }
        }
        catch (OperationCanceledException)
        {
            // We are being closed.
        }
    }

    private async Task<int> TryConnectAsync()
    {
        try
        {
            return await ConnectAsync();
        }
        catch (Exception error) when (error is SocketException or IOException or AuthenticationException
            or WebSocketException)
        {
            return MsrpStatus.Timeout;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        Options.Relay?.Detach(Local);
        _listener.Dispose();
        _connection?.Dispose();
        _receiver.Complete();
    }

    private async Task OpenAsync()
    {
        var connection = await _dialer.ConnectAsync(Remote!, _closed.Token);
        Bind(connection);
        _ = ReadAsync(connection);
        Bound = KeepAliveAsync();
    }

    // Nobody connects to who is behind a relay.
    private int PortOf(MsrpOptions options) =>
        options.Relay is null ? ((IPEndPoint)_listener.LocalEndPoint!).Port : 9;

    private ImmutableArray<MsrpUri> UsePath => Options.Relay?.UsePath ?? [];

    private MsrpPaths PathsTo(MsrpMedia remote) => new([.. UsePath, .. remote.Path], Local);

    private MsrpPaths Paths => _paths ?? throw new InvalidOperationException("the MSRP session has not begun");

    // Frames for a path we had are still on their way.
    private bool IsFormer(MsrpHead head) => head.ToPath.Any(uri => _former.Contains(uri));

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var connection = _connection ?? throw new IOException("the MSRP session has no connection");
        try
        {
            await connection.WriteAsync(bytes, _closed.Token);
        }
        catch (Exception error) when (error is SocketException or WebSocketException or ObjectDisposedException)
        {
            throw new IOException("the MSRP connection is gone", error);
        }
    }

    private void Bind(MsrpConnection connection)
    {
        lock (_gate)
        {
            _connection?.Dispose();
            _connection = connection;
            _connected.TrySetResult();
        }
    }

    private void BindFirst(MsrpConnection connection)
    {
        lock (_gate)
        {
            if (_connection is null)
                Bind(connection);
        }
    }

    private void Unbind(MsrpConnection connection)
    {
        connection.Dispose();
        lock (_gate)
        {
            if (_connection != connection)
                return;

            _connection = null;
            _connected = New();
        }

        _outbox.OnConnectionLost();
        if (Options.Reconnects && Options.Relay is null && IsActive && Interlocked.Exchange(ref _isReconnecting, 1) == 0)
            _ = ReconnectThenRestAsync();
    }

    private async Task ReconnectThenRestAsync()
    {
        do
        {
            await ReconnectAsync();
            Interlocked.Exchange(ref _isReconnecting, 0);
        }
        while (_connection is null && !_closed.IsCancellationRequested
            && Interlocked.Exchange(ref _isReconnecting, 1) == 0); // Lost again before anybody looked.
    }

    private async Task AcceptAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptAsync(_closed.Token));
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException
                or ObjectDisposedException)
            {
                // Closed, or the caller gave up before we accepted.
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await ReadAsync(await _dialer.AcceptAsync(
                socket, Local.IsSecure, Remote?.Fingerprints ?? [], _closed.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or AuthenticationException
            or ObjectDisposedException)
        {
            // Who it was has not shown the certificate of the description, or has gone.
            socket.Dispose();
        }
    }

    private async Task ReadAsync(MsrpConnection connection)
    {
        try
        {
            var broken = await connection.ReadAsync(
                frame => _receiver.TakeAsync(frame, connection, () => BindFirst(connection)),
                _ => _mayRead.Task.WaitAsync(_closed.Token),
                _closed.Token);
            if (broken is not null)
                _report(new("RFC 4975 7", broken, connection.Remote));
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException
            or WebSocketException or ObjectDisposedException)
        {
            // The peer went away or we did.
        }
        catch (Exception fault)
        {
            // A bug of ours must not stay unseen.
            _report(new("imclient", fault.ToString(), connection.Remote));
        }

        Unbind(connection);
    }
}
