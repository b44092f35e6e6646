using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace ImSidecar.Client.Sip.Transport;

/// <summary>One local port, UDP and TCP both, for calling and being called; RFC 3261 18.</summary>
internal sealed class SipSocket : IAsyncDisposable
{
    private readonly Socket _udp;
    private readonly Socket _listener;
    private readonly ConcurrentDictionary<IPEndPoint, SipConnection> _connections = [];
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private readonly CancellationTokenSource _closed = new();
    private readonly Action<SipMessage, SipFlow> _received;
    private readonly Action<string, SipFlow> _broken;
    private Task _receiving = Task.CompletedTask;

    private SipSocket(Socket udp, Socket listener, Action<SipMessage, SipFlow> received, Action<string, SipFlow> broken)
    {
        _udp = udp;
        _listener = listener;
        _received = received;
        _broken = broken;
    }

    /// <summary>The page that a browser would have been sent here by.</summary>
    public string Origin { get; init; } = "https://example.com";

    public IPEndPoint Local => (IPEndPoint)_udp.LocalEndPoint!;

    /// <summary>Takes the port, or any that is free for both protocols when it is 0; deaf: no TCP connection is taken.</summary>
    public static SipSocket Open(
        IPEndPoint local, Action<SipMessage, SipFlow> received, Action<string, SipFlow> broken, bool deaf = false)
    {
        for (var attempt = 0; ; attempt++)
        {
            var udp = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            var tcp = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                udp.Bind(local);
                tcp.Bind(udp.LocalEndPoint!);
                if (!deaf)
                    tcp.Listen();
                udp.ReceiveBufferSize = 1024 * 1024;
                var opened = new SipSocket(udp, tcp, received, broken);
                opened._receiving = deaf
                    ? opened.ReceiveAsync()
                    : Task.WhenAll(opened.ReceiveAsync(), opened.AcceptAsync());
                return opened;
            }
            catch (SocketException) when (local.Port == 0 && attempt < 20)
            {
                udp.Dispose();
                tcp.Dispose();
            }
            catch (SocketException)
            {
                udp.Dispose();
                tcp.Dispose();
                throw;
            }
        }
    }

    /// <summary>Sends over the flow's own connection if it still stands, else over one to its address.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, SipFlow flow, CancellationToken cancellation)
    {
        if (flow.Protocol == SipProtocol.Udp)
        {
            await _udp.SendToAsync(bytes, SocketFlags.None, flow.Remote, cancellation);
            return;
        }

        if (FindConnection(flow) is not { } open)
        {
            await (await ConnectAsync(flow, cancellation)).SendAsync(bytes, cancellation);
            return;
        }

        try
        {
            await open.SendAsync(bytes, cancellation);
        }
        catch (Exception lost) when (lost is SocketException or WebSocketException)
        {
            // The peer closed it meanwhile: it may well take another.
            _connections.TryRemove(KeyValuePair.Create(open.Remote, open));
            await (await ConnectAsync(flow, cancellation)).SendAsync(bytes, cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _udp.Dispose();
        _listener.Dispose();
        foreach (var connection in _connections.Values)
            connection.Dispose();
        await _receiving;
    }

    private SipConnection? FindConnection(SipFlow flow) =>
        flow.Connection is { } own && _connections.ContainsKey(own.Remote)
            ? own
            : _connections.GetValueOrDefault(flow.Remote);

    private async Task<SipConnection> ConnectAsync(SipFlow flow, CancellationToken cancellation)
    {
        var remote = flow.Remote;
        if (_connections.TryGetValue(remote, out var open))
            return open;

        await _connecting.WaitAsync(cancellation);
        try
        {
            if (_connections.TryGetValue(remote, out open))
                return open;

            return Start(flow.Protocol == SipProtocol.Ws
                ? await OpenWebSocketAsync(remote, cancellation)
                : await OpenTcpAsync(remote, cancellation));
        }
        finally
        {
            _connecting.Release();
        }
    }

    private static async Task<SipConnection> OpenTcpAsync(IPEndPoint remote, CancellationToken cancellation)
    {
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(remote, cancellation);
            return new(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<SipConnection> OpenWebSocketAsync(IPEndPoint remote, CancellationToken cancellation)
    {
        var webSocket = new ClientWebSocket();
        webSocket.Options.AddSubProtocol("sip");
        webSocket.Options.SetRequestHeader("Origin", Origin);
        try
        {
            await webSocket.ConnectAsync(new($"ws://{remote}/"), cancellation);
            return new(webSocket, remote);
        }
        catch (WebSocketException refused)
        {
            webSocket.Dispose();
            throw new IOException(refused.Message, refused);
        }
        catch
        {
            webSocket.Dispose();
            throw;
        }
    }

    private SipConnection Start(SipConnection connection)
    {
        _connections[connection.Remote] = connection;
        _ = ReadAsync(connection);
        return connection;
    }

    private async Task ReadAsync(SipConnection connection)
    {
        var flow = new SipFlow(connection.Protocol, connection.Remote) { Connection = connection };
        try
        {
            await connection.ReadAsync(
                message => _received(message, flow), error => _broken(error, flow), _closed.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException
            or ObjectDisposedException or WebSocketException)
        {
            // The peer went away or we did; what waits for an answer learns it from its timer.
        }
        finally
        {
            _connections.TryRemove(KeyValuePair.Create(connection.Remote, connection));
            connection.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                Start(new SipConnection(await _listener.AcceptAsync(_closed.Token)));
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException
                or ObjectDisposedException)
            {
                // Closed, or the caller gave up before we accepted.
            }
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = GC.AllocateUninitializedArray<byte>(65_536, pinned: true);
        var any = new IPEndPoint(IPAddress.Any, 0);
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                var result = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, any, _closed.Token);
                TakeDatagram(buffer.AsSpan(0, result.ReceivedBytes), (IPEndPoint)result.RemoteEndPoint);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException
                or ObjectDisposedException)
            {
                // Closed, or an ICMP error for an earlier datagram.
            }
        }
    }

    private void TakeDatagram(ReadOnlySpan<byte> datagram, IPEndPoint remote)
    {
        var flow = new SipFlow(SipProtocol.Udp, remote);
        if (datagram.Trim("\r\n\0"u8).IsEmpty)
            return;

        var isSip = SipCodec.TryReadDatagram(datagram, out var message, out var error);
        if (error.Length > 0)
            _broken(error, flow);
        if (isSip)
            _received(message!, flow);
    }
}
