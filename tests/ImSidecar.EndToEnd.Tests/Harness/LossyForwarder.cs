using System.Net;
using System.Net.Sockets;
using ImSidecar.Client.Sip;

namespace ImSidecar.EndToEnd.Tests.Harness;

/// <summary>
/// The UDP path between one handset and Kamailio. Its rule says of each datagram, either way, whether it is lost, late
/// or doubled. To Kamailio it is the handset, to the handset it is the way to everywhere.
/// </summary>
public sealed class LossyForwarder : IAsyncDisposable
{
    private static readonly IPEndPoint _kamailio = new(IPAddress.Loopback, 5060);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _closed = new();
    private readonly Dictionary<string, int> _copies = [];
    private readonly List<Passage> _passages = [];
    private readonly Lock _gate = new();
    private readonly Task _forwarding;
    private IPEndPoint? _handset;

    public LossyForwarder(Func<Passage, Fate>? rule = null)
    {
        Rule = rule ?? (_ => Fate.Pass);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Address = (IPEndPoint)_socket.LocalEndPoint!;
        _forwarding = ForwardAsync();
    }

    public IPEndPoint Address { get; }

    /// <summary>May change while it runs.</summary>
    public Func<Passage, Fate> Rule { get; set; }

    /// <summary>Everything that came so far, the lost ones too.</summary>
    public IReadOnlyList<Passage> Passages
    {
        get
        {
            lock (_gate)
                return [.. _passages];
        }
    }

    public int Count(Func<Passage, bool> which) => Passages.Count(which);

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _socket.Dispose();
        await _forwarding;
        _closed.Dispose();
    }

    private async Task ForwardAsync()
    {
        var buffer = new byte[65_536];
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, _kamailio, _closed.Token);
                Take(buffer[..received.ReceivedBytes], (IPEndPoint)received.RemoteEndPoint);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException
                or ObjectDisposedException)
            {
                // Closed, or an ICMP error for a handset that has gone.
            }
        }
    }

    private void Take(byte[] datagram, IPEndPoint source)
    {
        var isFromHandset = !source.Equals(_kamailio);
        if (isFromHandset)
            _handset = source;
        if (!SipCodec.TryReadDatagram(datagram, out var message, out _))
            return;

        foreach (var delay in Rule(Note(isFromHandset, message!)).Leaves)
            _ = LeaveAsync(datagram, isFromHandset ? _kamailio : _handset, delay);
    }

    // The branch does not count: the handset's ACK for a copy of our 2xx is the same ACK again.
    private Passage Note(bool isFromHandset, SipMessage message)
    {
        var says = $"{isFromHandset} {message.Method}{message.Status} {message["CSeq"]} {message.CallId} "
            + $"{message.FromTag} {message.ToTag}";
        lock (_gate)
        {
            var copy = _copies[says] = _copies.GetValueOrDefault(says) + 1;
            var passage = new Passage(DateTimeOffset.UtcNow, isFromHandset, message, copy);
            _passages.Add(passage);
            return passage;
        }
    }

    private async Task LeaveAsync(byte[] datagram, IPEndPoint? destination, TimeSpan delay)
    {
        try
        {
            if (delay > TimeSpan.Zero)
                await Task.Delay(delay, _closed.Token);
            if (destination is not null)
                await _socket.SendToAsync(datagram, SocketFlags.None, destination, _closed.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException
            or ObjectDisposedException)
        {
            // Closed meanwhile.
        }
    }
}
