using System.Net;
using System.Net.Sockets;

namespace ImSidecar.Client.Sip.Transport;

/// <summary>The socket with its trace, and with the losses and delays a test orders.</summary>
internal sealed class SipWire : IAsyncDisposable
{
    private const int MaxTrace = 20_000;

    private readonly Queue<WireRecord> _trace = [];
    private readonly Lock _gate = new();
    private readonly SipSocket _socket;
    private readonly HandsetOptions _options;
    private readonly Action<SipMessage, SipFlow> _received;

    public SipWire(HandsetOptions options, Action<SipMessage, SipFlow> received, Action<string, SipFlow> broken)
    {
        _options = options;
        _received = received;
        _socket = SipSocket.Open(options.Local, OnReceived, broken);
    }

    /// <summary>Where peers reach us.</summary>
    public IPEndPoint Address => _options.Through ?? _socket.Local;

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
        if (_options.IsLost?.Invoke(record) == true)
            return Task.CompletedTask;

        var bytes = SipCodec.Write(message);
        if (DelayOf(record) is not { } time)
            return SendBytesAsync(bytes, flow, cancellation);

        _ = LaterAsync(time, () => SendBytesAsync(bytes, flow, cancellation));
        return Task.CompletedTask;
    }

    /// <summary>Sends bytes that need not be SIP at all.</summary>
    public Task SendBytesAsync(ReadOnlyMemory<byte> bytes, SipFlow flow, CancellationToken cancellation) =>
        _socket.SendAsync(bytes, Detoured(flow), cancellation);

    public ValueTask DisposeAsync() => _socket.DisposeAsync();

    private void OnReceived(SipMessage message, SipFlow flow)
    {
        var record = new WireRecord(DateTimeOffset.UtcNow, false, flow, message);
        Keep(record);
        if (_options.IsLost?.Invoke(record) == true)
            return;

        if (DelayOf(record) is { } time)
            _ = LaterAsync(time, () => Task.Run(() => _received(message, flow)));
        else
            _received(message, flow);
    }

    private SipFlow Detoured(SipFlow flow) =>
        _options.Through is { } forwarder && flow.Protocol == SipProtocol.Udp
            ? flow with { Remote = forwarder }
            : flow;

    private TimeSpan? DelayOf(WireRecord record) =>
        _options.Delay?.Invoke(record) is { } time && time > TimeSpan.Zero ? time : null;

    private static async Task LaterAsync(TimeSpan time, Func<Task> act)
    {
        await Task.Delay(time);
        try
        {
            await act();
        }
        catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException
            or OperationCanceledException)
        {
            // The network has lost it after all.
        }
    }

    private void Keep(WireRecord record)
    {
        lock (_gate)
        {
            _trace.Enqueue(record);
            if (_trace.Count > MaxTrace)
                _trace.Dequeue();
        }

        _options.Observer?.Invoke(record);
    }
}
