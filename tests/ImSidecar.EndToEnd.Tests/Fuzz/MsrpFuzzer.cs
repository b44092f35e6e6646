using System.Net;
using System.Net.Sockets;
using System.Text;
using ImSidecar.Client.Sip;

namespace ImSidecar.EndToEnd.Tests.Fuzz;

/// <summary>Spoiled MSRP to the switch, some of it on the path of a living leg.</summary>
internal sealed class MsrpFuzzer(int seed)
{
    private static readonly IPEndPoint _switch = new(IPAddress.Loopback, 2855);

    private readonly byte[] _scrap = new byte[65536];
    private readonly Random _random = new(seed);

    /// <summary>Paths of the switch's end, as in SDP.</summary>
    public IReadOnlyList<string> Paths { get; set; } = [];

    public int Sent { get; private set; }

    /// <summary>Sends so many frames each second, until told to stop.</summary>
    public async Task RunAsync(int rate, CancellationToken stop)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!stop.IsCancellationRequested)
        {
            await SpeakAsync(rate / 10);
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private async Task SpeakAsync(int frames)
    {
        var mutator = new Mutator(_random);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await socket.ConnectAsync(_switch, limit.Token);
            for (var i = 0; i < frames; i++)
            {
                await socket.SendAsync(mutator.Spoil(Frame()), limit.Token);
                Sent++;
                while (socket.Available > 0)
                    await socket.ReceiveAsync(_scrap, limit.Token);
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // The switch closed it, as it may.
        }
    }

    private byte[] Frame()
    {
        var paths = Paths;
        var to = paths.Count > 0 && _random.Next(2) == 0
            ? paths[_random.Next(paths.Count)]
            : $"msrp://127.0.0.1:2855/{Token.New(12)};tcp";
        var id = Token.New(8);
        var from = "msrp://127.0.0.1:9/2s93i93idjkk;tcp";
        var text = _random.Next(6) switch
        {
            0 => $"MSRP {id} 200 OK\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\n-------{id}$\r\n",
            1 => $"MSRP {id} REPORT\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\nMessage-ID: m{id}\r\n"
                + $"Byte-Range: 1-5/5\r\nStatus: 000 413 no\r\n-------{id}$\r\n",
            2 => $"MSRP {id} NICKNAME\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\n"
                + $"Use-Nickname: \"n{id}\"\r\n-------{id}$\r\n",
            3 => $"MSRP {id} SEND\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\nMessage-ID: m{_random.Next(3)}\r\n"
                + $"Byte-Range: {_random.Next(12)}-*/{_random.Next(20)}\r\nContent-Type: text/plain\r\n\r\n"
                + $"hello\r\n-------{id}{"$+#"[_random.Next(3)]}\r\n",
            _ => $"MSRP {id} SEND\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\nMessage-ID: m{id}\r\n"
                + "Success-Report: yes\r\nByte-Range: 1-*/*\r\nContent-Type: message/cpim\r\n\r\n"
                + "From: <sip:a@example.com>\r\nTo: <sip:b@example.com>\r\n\r\nContent-Type: text/plain\r\n\r\n"
                + $"hello\r\n-------{id}{"$+#"[_random.Next(3)]}\r\n",
        };
        return Encoding.UTF8.GetBytes(text);
    }
}
