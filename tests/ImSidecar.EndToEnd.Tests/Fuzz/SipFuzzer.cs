using System.Net;
using System.Net.Sockets;
using ImSidecar.Client.Sip;

namespace ImSidecar.EndToEnd.Tests.Fuzz;

/// <summary>Spoiled SIP to both ports over UDP and TCP, and spoiled answers to what comes back.</summary>
internal sealed class SipFuzzer : IDisposable
{
    private const int PerConnection = 20;

    private readonly UdpClient _udp = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly byte[] _scrap = new byte[65536];
    private readonly Random _random;
    private readonly Mutator _mutator;
    private Socket? _tcp;
    private int _left;

    public SipFuzzer(int seed)
    {
        _random = new(seed);
        _mutator = new(_random);
        Seeds = new(_random, _udp.Client.LocalEndPoint!.ToString()!);
    }

    public SipSeeds Seeds { get; }

    public string Contact => $"<sip:fuzz@{_udp.Client.LocalEndPoint}>";

    public int Sent { get; private set; }

    /// <summary>Sends so many each second, until told to stop.</summary>
    public async Task RunAsync(int rate, CancellationToken stop)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!stop.IsCancellationRequested)
        {
            for (var i = 0; i < rate / 50; i++)
            {
                await SendAsync(_mutator.Spoil(Seeds.Next()));
                Sent++;
            }

            await ReceiveAsync();
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Byte for byte what the caller says; for what must be valid.</summary>
    public async Task SendAsync(byte[] message, int port = 5060) =>
        await _udp.SendAsync(message, new IPEndPoint(IPAddress.Loopback, port));

    public void Dispose()
    {
        _udp.Dispose();
        _tcp?.Dispose();
    }

    private async Task SendAsync(byte[] message)
    {
        var to = new IPEndPoint(IPAddress.Loopback, _random.Next(2) == 0 ? 5060 : 5070);
        if (message.Length is > 0 and < 60_000 && _random.Next(4) > 0)
            await _udp.SendAsync(message, to);
        else
            await SendByTcpAsync(message, to);
    }

    // Kamailio may close it, or wait for the rest of a message: both end with this connection.
    private async Task SendByTcpAsync(byte[] message, IPEndPoint to)
    {
        try
        {
            if (_tcp is null || _left-- <= 0)
            {
                _tcp?.Dispose();
                _tcp = new(SocketType.Stream, ProtocolType.Tcp) { SendTimeout = 1000, SendBufferSize = 1 << 20 };
                await _tcp.ConnectAsync(to);
                _left = PerConnection;
            }

            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await _tcp.SendAsync(message, limit.Token);
            while (_tcp.Available > 0)
                await _tcp.ReceiveAsync(_scrap, limit.Token);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            _tcp?.Dispose();
            _tcp = null;
        }
    }

    private async Task ReceiveAsync()
    {
        while (_udp.Available > 0)
        {
            var datagram = await _udp.ReceiveAsync();
            if (!SipCodec.TryReadDatagram(datagram.Buffer, out var message, out _))
                continue;

            if (message!.Status is 407)
                Seeds.TakeChallenge(message);
            else if (message.IsRequest && message.Method != "ACK")
                await _udp.SendAsync(_mutator.Spoil(SipCodec.Write(Seeds.Answer(message))), datagram.RemoteEndPoint);
        }
    }
}
