using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ImSidecar.Msrp.Transport;

/// <summary>Has the kernel find out about peers that are gone without a word, accepted or connected to; RFC 1122 4.2.3.6.</summary>
internal static class SocketLiveness
{
    private const int Probes = 3;

    // linux/tcp.h
    private const int TcpUserTimeout = 18;
    private const int Tcp = 6;

    /// <summary>Nothing happens to a connection that is no socket of ours.</summary>
    public static void Watch(ConnectionContext connection, MsrpOptions options)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { ProtocolType: ProtocolType.Tcp } socket)
            return;

        try
        {
            Watch(socket, options.TcpKeepAlive, options.TcpUserTimeout);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // It is over already: its reader sees that.
        }
    }

    private static void Watch(Socket socket, TimeSpan idle, TimeSpan unacknowledged)
    {
        if (idle > TimeSpan.Zero)
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(idle));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Interval(unacknowledged));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        }

        if (unacknowledged > TimeSpan.Zero && OperatingSystem.IsLinux())
            socket.SetRawSocketOption(Tcp, TcpUserTimeout, BitConverter.GetBytes((uint)unacknowledged.TotalMilliseconds));
    }

    // Probes without an answer end a connection as late as what is not acknowledged does.
    private static int Interval(TimeSpan unacknowledged) =>
        unacknowledged > TimeSpan.Zero ? Math.Max(1, Seconds(unacknowledged) / Probes) : 10;

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)time.TotalSeconds);
}
