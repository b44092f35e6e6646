using System.Net;
using System.Net.Sockets;
using Google.Protobuf;

namespace ImSidecar.Grpc;

/// <summary>The client's side of gRPC over a Unix socket: one connection, noticed within 3 s when the peer hangs.</summary>
public sealed class GrpcChannel : IDisposable
{
    private static readonly TimeSpan _ping = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private readonly string _socket;
    private readonly HttpMessageInvoker _http;

    public GrpcChannel(string socket)
    {
        _socket = socket;
        _http = new(new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            UseProxy = false,
            KeepAlivePingDelay = _ping,
            KeepAlivePingTimeout = _patience,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            InitialHttp2StreamWindowSize = 4 * 1024 * 1024,
        });
    }

    /// <summary>
    /// Begins a call with streams both ways, by its path "/service/method". A failure to connect shows with the first
    /// message read or written: IOException, HttpRequestException or SocketException.
    /// </summary>
    public GrpcCall<TRequest, TResponse> Open<TRequest, TResponse>(
        string path, MessageParser<TResponse> parser, int maxMessageBytes, CancellationToken cancellation)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var content = new GrpcRequestContent();
        var request = new HttpRequestMessage(HttpMethod.Post, "http://imsidecar" + path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TE.Add(new("trailers"));
        return new(request, content, _http.SendAsync(request, cancellation), parser, maxMessageBytes);
    }

    public void Dispose() => _http.Dispose();

    private async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
