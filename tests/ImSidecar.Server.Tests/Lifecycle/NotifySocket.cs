using System.Net.Sockets;
using System.Text;

namespace ImSidecar.Server.Tests.Lifecycle;

/// <summary>The end of sd_notify that systemd has.</summary>
internal sealed class NotifySocket : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    /// <param name="name">A path, or an abstract name behind "@".</param>
    public NotifySocket(string name) =>
        _socket.Bind(new UnixDomainSocketEndPoint(name[0] == '@' ? '\0' + name[1..] : name));

    /// <summary>The next lines that begin so; others are passed over.</summary>
    public async Task<string> NextAsync(string beginning)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (true)
        {
            var message = await ReceiveAsync(patience.Token);
            if (message.StartsWith(beginning, StringComparison.Ordinal))
                return message;
        }
    }

    /// <summary>False if nothing of the kind comes within the time.</summary>
    public async Task<bool> ComesAsync(string beginning, TimeSpan within)
    {
        using var end = new CancellationTokenSource(within);
        try
        {
            while (!(await ReceiveAsync(end.Token)).StartsWith(beginning, StringComparison.Ordinal))
            {
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>What has come so far does not count.</summary>
    public void PassOverAll()
    {
        while (_socket.Available > 0)
            _socket.Receive(new byte[_socket.Available]);
    }

    public void Dispose() => _socket.Dispose();

    private async Task<string> ReceiveAsync(CancellationToken cancellation)
    {
        var bytes = new byte[4096];
        return Encoding.UTF8.GetString(bytes, 0, await _socket.ReceiveAsync(bytes.AsMemory(), cancellation));
    }
}
