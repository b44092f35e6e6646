using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace ImSidecar.Client.Sip.Transport;

/// <summary>One TCP connection, or a WebSocket: messages framed by Content-Length, RFC 3261 18.3.</summary>
internal sealed class SipConnection : IDisposable
{
    private readonly Socket? _socket;
    private readonly WebSocket? _webSocket;
    private readonly SemaphoreSlim _writing = new(1, 1);

    public SipConnection(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
        Remote = (IPEndPoint)socket.RemoteEndPoint!;
    }

    /// <summary>RFC 7118: each message is one of the WebSocket.</summary>
    public SipConnection(WebSocket webSocket, IPEndPoint remote) => (_webSocket, Remote) = (webSocket, remote);

    public IPEndPoint Remote { get; }

    public SipProtocol Protocol => _webSocket is null ? SipProtocol.Tcp : SipProtocol.Ws;

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            if (_webSocket is not null)
                await _webSocket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, cancellation);
            while (_socket is not null && !bytes.IsEmpty)
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellation)..];
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Reads until the peer closes; a stream that is not SIP is reported and ends the connection.</summary>
    public async Task ReadAsync(Action<SipMessage> received, Action<string> broken, CancellationToken cancellation)
    {
        await using Stream stream = _socket is null
            ? WebSocketStream.Create(_webSocket!, WebSocketMessageType.Text)
            : new NetworkStream(_socket, ownsSocket: false);
        var reader = PipeReader.Create(stream);
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            var buffer = read.Buffer;
            while (TryTake(ref buffer, out var message, out var error))
            {
                if (message is null)
                {
                    broken(error);
                    return;
                }

                received(message);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                return;
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _webSocket?.Dispose();
    }

    // True with a null message when the stream cannot be read any further.
    private static bool TryTake(ref ReadOnlySequence<byte> buffer, out SipMessage? message, out string error)
    {
        message = null;
        error = "";
        while (buffer.Length >= 2 && buffer.FirstSpan[0] is (byte)'\r' or (byte)'\n')
            buffer = buffer.Slice(1);

        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> head, "\r\n\r\n"u8))
        {
            error = "headers too long";
            return buffer.Length > SipCodec.MaxHeaderBytes;
        }

        if (!SipCodec.TryReadHead(head.ToArray(), out message, out error))
            return true;

        if (message!["Content-Length"] is null)
            return Broken("no Content-Length over TCP", out message, out error);

        if (!SipCodec.TryReadContentLength(message, 0, out var length, out error))
            return Broken(error, out message, out error);

        var rest = buffer.Slice(reader.Position);
        if (rest.Length < length)
            return false;

        message.Body = rest.Slice(0, length).ToArray();
        buffer = rest.Slice(length);
        return true;
    }

    private static bool Broken(string reason, out SipMessage? message, out string error)
    {
        message = null;
        error = reason;
        return true;
    }
}
