using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Google.Protobuf;

namespace ImSidecar.Server.Tests.Grpc;

/// <summary>gRPC frames by hand over HttpClient: what no well-behaved client would send.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly HttpClient _http;

    private RawClient(SocketsHttpHandler handler, string address) =>
        _http = new(handler) { BaseAddress = new Uri(address), Timeout = GrpcTestHost.Patience };

    public static RawClient Over(string socketPath)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new(handler, "http://unix");
    }

    public static RawClient Over(IPEndPoint endPoint) => new(new(), $"http://{endPoint}");

    public static byte[] Frame(IMessage message) => Frame(0, message.ToByteArray());

    public static byte[] Frame(byte flag, byte[] payload)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    public static int? Status(HttpResponseMessage response) =>
        response.TrailingHeaders.TryGetValues("grpc-status", out var values)
            ? int.Parse(values.Single(), CultureInfo.InvariantCulture)
            : null;

    public static string Message(HttpResponseMessage response) =>
        response.TrailingHeaders.GetValues("grpc-message").Single();

    public Task<HttpResponseMessage> CallAsync(string method, params byte[] body) =>
        SendAsync(Request(method, new ByteArrayContent(body)), HttpCompletionOption.ResponseContentRead);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption until) =>
        _http.SendAsync(request, until, TestContext.Current.CancellationToken);

    public static HttpRequestMessage Request(string method, HttpContent content, string type = "application/grpc")
    {
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return new HttpRequestMessage(HttpMethod.Post, $"/test.Calls/{method}")
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    public void Dispose() => _http.Dispose();
}
