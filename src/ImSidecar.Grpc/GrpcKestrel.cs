using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ImSidecar.Grpc;

/// <summary>Kestrel settings under which long-lived gRPC streams stay up and run fast.</summary>
public static class GrpcKestrel
{
    private const int Window = 4 * 1024 * 1024;
    private const int FrameSize = 64 * 1024;
    private const int StreamsPerConnection = 4096;

    // Kestrel looks once a second: a peer that stands still is found within 5 s.
    private static readonly TimeSpan _pingDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pingTimeout = TimeSpan.FromSeconds(2);

    public static KestrelServerOptions UseGrpcLimits(this KestrelServerOptions options)
    {
        var limits = options.Limits;

        // The request's body size and rate are lifted for gRPC calls alone, by GrpcHttp; other endpoints keep theirs.
        limits.MinResponseDataRate = null;

        limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
        limits.Http2.InitialConnectionWindowSize = Window;
        limits.Http2.InitialStreamWindowSize = Window;
        limits.Http2.MaxFrameSize = FrameSize;
        limits.Http2.KeepAlivePingDelay = _pingDelay;
        limits.Http2.KeepAlivePingTimeout = _pingTimeout;
        return options;
    }

    /// <summary>Listens on a socket file for HTTP/2 only; removes the file that a killed process left behind.</summary>
    public static void ListenGrpcUnixSocket(
        this KestrelServerOptions options, string path, Action<ListenOptions>? configure = null)
    {
        RemoveStaleSocket(path);
        options.ListenUnixSocket(path, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            configure?.Invoke(listen);
        });
    }

    private static void RemoveStaleSocket(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            return;

        if (file.Length > 0)
            throw new IOException($"{path} is a file, not a socket");

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            file.Delete();
            return;
        }

        throw new IOException($"Another process listens on {path}");
    }
}
