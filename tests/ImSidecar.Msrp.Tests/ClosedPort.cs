using System.Net;
using System.Net.Sockets;

namespace ImSidecar.Msrp.Tests;

/// <summary>A port of loopback that nobody can listen on: who connects to it is refused.</summary>
internal sealed class ClosedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ClosedPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Listens from now on; who connects next.</summary>
    public async Task<TcpClient> OpenAsync()
    {
        _socket.Listen();
        return new() { Client = await _socket.AcceptAsync().WaitAsync(Peer.Patience) };
    }

    public void Dispose() => _socket.Dispose();
}
