using System.Net;

namespace ImSidecar.Client.Sip.Transport;

/// <summary>The socket with its trace, and with the losses a test orders.</summary>
internal sealed class SipWire : IAsyncDisposable
{
    private const int MaxTrace = 20_000;

    private readonly Queue<WireRecord> _trace = [];
    private readonly Lock _gate = new();
    private readonly SipSocket _socket;
    private readonly Func<WireRecord, bool>? _isLost;
    private readonly Action<SipMessage, SipFlow> _received;

    public SipWire(
        IPEndPoint local, Func<WireRecord, bool>? isLost, Action<SipMessage, SipFlow> received,
        Action<string, SipFlow> broken)
    {
        _isLost = isLost;
        _received = received;
        _socket = SipSocket.Open(local, OnReceived, broken);
    }

    public IPEndPoint Local => _socket.Local;

    public IReadOnlyList<WireRecord> Trace
    {
        get
        {
            lock (_gate)
                return [.. _trace];
        }
    }

    /// <summary>Fails with what the socket says when nothing can be sent.</summary>
    public Task SendAsync(SipMessage message, SipFlow flow, CancellationToken cancellation)
    {
        var record = new WireRecord(DateTimeOffset.UtcNow, true, flow, message);
        Keep(record);
        return _isLost?.Invoke(record) == true
            ? Task.CompletedTask
            : _socket.SendAsync(SipCodec.Write(message), flow, cancellation);
    }

    /// <summary>Sends bytes that need not be SIP at all.</summary>
    public Task SendBytesAsync(ReadOnlyMemory<byte> bytes, SipFlow flow, CancellationToken cancellation) =>
        _socket.SendAsync(bytes, flow, cancellation);

    public ValueTask DisposeAsync() => _socket.DisposeAsync();

    private void OnReceived(SipMessage message, SipFlow flow)
    {
        var record = new WireRecord(DateTimeOffset.UtcNow, false, flow, message);
        Keep(record);
        if (_isLost?.Invoke(record) != true)
            _received(message, flow);
    }

    private void Keep(WireRecord record)
    {
        lock (_gate)
        {
            _trace.Enqueue(record);
            if (_trace.Count > MaxTrace)
                _trace.Dequeue();
        }
    }
}
