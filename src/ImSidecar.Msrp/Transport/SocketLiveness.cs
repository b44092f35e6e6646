using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ImSidecar.Msrp.Transport;

/// <summary>Has the kernel find out about peers that are gone without a word, accepted or connected to; RFC 1122 4.2.3.6.</summary>
/// <param name="Idle">How long a connection is silent before the kernel of the peer is asked; 0: it is not.</param>
/// <param name="Unacknowledged">How long what was sent may be without TCP's acknowledgement; 0: as the kernel wants.</param>
internal sealed record SocketLiveness(TimeSpan Idle, TimeSpan Unacknowledged)
{
    private const int Probes = 3;

    // linux/tcp.h
    private const int TcpUserTimeout = 18;
    private const int Tcp = 6;

    public static SocketLiveness Default { get; } = new(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(30));

    private int IdleSeconds => Math.Max(1, (int)Idle.TotalSeconds);

    /// <summary>Nothing happens to a connection that is no socket of ours.</summary>
    public void Watch(ConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
            Watch(socket);
    }

    public void Watch(Socket socket)
    {
        if (socket.ProtocolType != ProtocolType.Tcp)
            return;

        try
        {
            Set(socket);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // It is over already: its reader sees that.
        }
    }

    private void Set(Socket socket)
    {
        if (Idle > TimeSpan.Zero)
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, IdleSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Interval);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        }

        if (Unacknowledged > TimeSpan.Zero && OperatingSystem.IsLinux())
            socket.SetRawSocketOption(Tcp, TcpUserTimeout, BitConverter.GetBytes((uint)Unacknowledged.TotalMilliseconds));
    }

    // Probes without an answer end a connection as late as what is not acknowledged does.
    private int Interval =>
        Unacknowledged > TimeSpan.Zero ? Math.Max(1, (int)Unacknowledged.TotalSeconds / Probes) : 10;
}
