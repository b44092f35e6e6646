using System.Net.Sockets;
using ImSidecar.Grpc;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ImSidecar.Server.Tests.Grpc;

/// <summary>The socket file: what a killed process left is removed, what is in use or no socket is not.</summary>
public sealed class GrpcKestrelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grpc-test-").FullName;

    private string SocketPath => Path.Combine(_folder, "gateway.sock");

    [Fact]
    public void The_file_of_a_killed_process_is_removed()
    {
        // A socket that is disposed of takes its file along; one that a process leaves behind refuses connections.
        using var abandoned = Bound();

        new KestrelServerOptions().ListenGrpcUnixSocket(SocketPath);

        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public void The_file_of_a_running_server_stays()
    {
        using var running = Bound();
        running.Listen();

        var refusal = Assert.Throws<IOException>(() => new KestrelServerOptions().ListenGrpcUnixSocket(SocketPath));

        Assert.Contains("Another process listens", refusal.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(SocketPath));
    }

    [Fact]
    public void A_file_that_is_no_socket_stays()
    {
        File.WriteAllText(SocketPath, "precious");

        var refusal = Assert.Throws<IOException>(() => new KestrelServerOptions().ListenGrpcUnixSocket(SocketPath));

        Assert.Contains("not a socket", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(SocketPath));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Socket Bound()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(SocketPath));
        return socket;
    }
}
