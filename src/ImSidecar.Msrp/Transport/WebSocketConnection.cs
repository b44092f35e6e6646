using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ImSidecar.Msrp.Transport;

/// <summary>MSRP over a WebSocket, RFC 7977, in the form of the connections that Kestrel accepts.</summary>
internal sealed class WebSocketConnection : ConnectionContext, IConnectionLifetimeNotificationFeature
{
    // What may wait in each direction; beyond it the peer is not read, or the switch does not write.
    private const int MaxWaiting = 128 * 1024;

    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(5);

    private readonly WebSocket _socket;
    private readonly int _maxMessageBytes;
    private readonly Pipe _in;
    private readonly Pipe _out;
    private readonly WebSocketWriter _writer;
    private readonly CancellationTokenSource _closed = new();
    private WebSocketCloseStatus _status = WebSocketCloseStatus.NormalClosure;

    public WebSocketConnection(
        WebSocket socket, HttpContext http, MemoryPool<byte> pool, int maxMessageBytes, CancellationToken stopping)
    {
        var options = new PipeOptions(
            pool, pauseWriterThreshold: MaxWaiting, resumeWriterThreshold: MaxWaiting / 2,
            useSynchronizationContext: false);
        (_in, _out) = (new(options), new(options));
        (_socket, _maxMessageBytes) = (socket, maxMessageBytes);
        _writer = new(socket, _out.Reader);
        Transport = new Duplex(_in.Reader, _out.Writer);
        ConnectionId = http.Connection.Id;
        LocalEndPoint = EndPointOf(http.Connection.LocalIpAddress, http.Connection.LocalPort);
        RemoteEndPoint = EndPointOf(http.Connection.RemoteIpAddress, http.Connection.RemotePort);
        ConnectionClosed = _closed.Token;
        ConnectionClosedRequested = stopping;
        Features.Set<IConnectionLifetimeNotificationFeature>(this);
        if (http.Features.Get<ITlsConnectionFeature>() is { } tls)
            Features.Set(tls);
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; }

    public CancellationToken ConnectionClosedRequested { get; set; }

    /// <summary>Runs until who serves it is done, and says goodbye to the peer.</summary>
    public async Task RunAsync(Func<ConnectionContext, Task> serve)
    {
        // A stopping server waits for nobody to hang up.
        using var stop = ConnectionClosedRequested.Register(RequestClose);
        var receiving = ReceiveAsync();
        var sending = _writer.RunAsync();
        try
        {
            await serve(this).ConfigureAwait(false);
        }
        finally
        {
            await _in.Reader.CompleteAsync().ConfigureAwait(false);
            await _out.Writer.CompleteAsync().ConfigureAwait(false);
            await CloseAsync(receiving, sending).ConfigureAwait(false);
            await _closed.CancelAsync().ConfigureAwait(false);
        }
    }

    public void RequestClose() => Abort(new ConnectionAbortedException("Asked to close"));

    public override void Abort(ConnectionAbortedException abortReason)
    {
        _socket.Abort();
        _closed.Cancel();
    }

    private static IPEndPoint? EndPointOf(IPAddress? address, int port) =>
        address is null ? null : new(address, port);

    private async Task ReceiveAsync()
    {
        IOException? broken = null;
        try
        {
            await ReceiveAllAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or OperationCanceledException
            or ObjectDisposedException)
        {
            broken = new("The WebSocket is gone", failure);
        }

        await _in.Writer.CompleteAsync(broken).ConfigureAwait(false);
    }

    private async Task ReceiveAllAsync()
    {
        var isWanted = true;
        for (var length = 0L; ;)
        {
            // Who says nothing holds no block of memory.
            var next = await _socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None).ConfigureAwait(false);
            if (next.MessageType == WebSocketMessageType.Close)
                return;

            var memory = isWanted ? _in.Writer.GetMemory(4096) : new byte[4096];
            var received = await _socket.ReceiveAsync(memory, CancellationToken.None).ConfigureAwait(false);
            if (received.MessageType == WebSocketMessageType.Close)
                return;

            _writer.IsText = received.MessageType == WebSocketMessageType.Text;
            length += received.Count;
            isWanted = isWanted && await TakeAsync(received.Count, length).ConfigureAwait(false);
            if (received.EndOfMessage)
                length = 0;
        }
    }

    // What comes after the end is read too, or else the peer would not get to our reason.
    private async ValueTask<bool> TakeAsync(int count, long length)
    {
        if (length > _maxMessageBytes)
        {
            _status = WebSocketCloseStatus.MessageTooBig;
            await _in.Writer.CompleteAsync().ConfigureAwait(false);
            return false;
        }

        _in.Writer.Advance(count);
        return !(await _in.Writer.FlushAsync().ConfigureAwait(false)).IsCompleted;
    }

    // What is written goes out first; a peer that neither reads nor answers is not waited for.
    private async Task CloseAsync(Task receiving, Task sending)
    {
        try
        {
            await sending.WaitAsync(_farewell).ConfigureAwait(false);
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(_status, "", CancellationToken.None)
                    .WaitAsync(_farewell).ConfigureAwait(false);

            await receiving.WaitAsync(_farewell).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or TimeoutException
            or OperationCanceledException or ObjectDisposedException)
        {
            // It is gone already.
        }

        _socket.Abort();
        await receiving.ConfigureAwait(false);
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
