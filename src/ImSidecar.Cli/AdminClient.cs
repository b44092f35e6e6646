using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Google.Protobuf;
using ImSidecar.Admin.V1;
using ImSidecar.Msrp.V1;

namespace ImSidecar.Cli;

/// <summary>Unary gRPC calls over the Unix socket of the sidecar; the gRPC package does not restore.</summary>
internal sealed class AdminClient : IDisposable
{
    private const int HeaderLength = 5;
    private const int MaxResponseBytes = 4 * 1024 * 1024;
    private const string Msrp = "imsidecar.v1.MsrpSwitch";
    private const string InvalidArgument = "3";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly string _socket;
    private readonly HttpClient _http;

    public AdminClient(string socket)
    {
        _socket = socket;
        _http = new(new SocketsHttpHandler { ConnectCallback = ConnectAsync, UseProxy = false })
        {
            BaseAddress = new("http://imsidecar"),
            Timeout = _patience,
            MaxResponseContentBufferSize = MaxResponseBytes,
        };
    }

    public Task<ExplainPolicyResponse> ExplainPolicyAsync(
        ExplainPolicyRequest request, CancellationToken cancellation) =>
        CallAsync("ExplainPolicy", request, ExplainPolicyResponse.Parser, cancellation);

    public Task<ServedUserResponse> ServedUserAsync(ServedUserRequest request, CancellationToken cancellation) =>
        CallAsync("ServedUser", request, ServedUserResponse.Parser, cancellation);

    public Task<DeferredMessagesResponse> DeferredMessagesAsync(
        DeferredMessagesRequest request, CancellationToken cancellation) =>
        CallAsync("DeferredMessages", request, DeferredMessagesResponse.Parser, cancellation);

    public Task<MsrpStatusResponse> MsrpStatusAsync(CancellationToken cancellation) =>
        CallAsync("Status", new MsrpStatusRequest(), MsrpStatusResponse.Parser, cancellation, Msrp);

    public Task<ListRelaySessionsResponse> ListRelaySessionsAsync(
        ListRelaySessionsRequest request, CancellationToken cancellation) =>
        CallAsync("ListRelaySessions", request, ListRelaySessionsResponse.Parser, cancellation, Msrp);

    public Task<EndRelaySessionResponse> EndRelaySessionAsync(
        EndRelaySessionRequest request, CancellationToken cancellation) =>
        CallAsync("EndRelaySession", request, EndRelaySessionResponse.Parser, cancellation, Msrp);

    public void Dispose() => _http.Dispose();

    private async Task<T> CallAsync<T>(
        string method, IMessage request, MessageParser<T> parser, CancellationToken cancellation,
        string service = "imsidecar.v1.Admin")
        where T : IMessage<T>
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"/{service}/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Frame(request)),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        message.Headers.TE.Add(new("trailers"));
        try
        {
            using var response = await _http.SendAsync(message, cancellation);
            var body = await response.Content.ReadAsByteArrayAsync(cancellation);
            CheckStatus(response);
            return Unframe(body) is { } payload
                ? parser.ParseFrom(payload)
                : throw new AdminException($"what listens on {_socket} is no imsidecar");
        }
        catch (HttpRequestException unreachable)
        {
            throw new AdminException($"imsidecar cannot be reached at {_socket}: {ReasonOf(unreachable)}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new AdminException($"imsidecar at {_socket} does not answer within {_patience.TotalSeconds:0} s");
        }
        catch (InvalidProtocolBufferException)
        {
            throw new AdminException($"what listens on {_socket} speaks another language");
        }
    }

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

    /// <summary>The status is in the trailers, or in the headers of an answer without a message.</summary>
    private void CheckStatus(HttpResponseMessage response)
    {
        var status = Find(response, "grpc-status");
        if (response.StatusCode != HttpStatusCode.OK || status is null)
            throw new AdminException($"what listens on {_socket} is no imsidecar");

        if (status != "0")
            throw new AdminException(
                Uri.UnescapeDataString(Find(response, "grpc-message") ?? "refused"),
                isUsage: status == InvalidArgument);
    }

    // For a missing file the platform speaks of addresses, and of its objects when the peer goes while we write to it.
    private string ReasonOf(HttpRequestException unreachable) => unreachable.GetBaseException() switch
    {
        _ when !File.Exists(_socket) => "there is no such socket",
        ObjectDisposedException => "it closed the connection",
        var cause => cause.Message,
    };

    private static string? Find(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var trailers) ? trailers.FirstOrDefault()
        : response.Headers.TryGetValues(name, out var headers) ? headers.FirstOrDefault() : null;

    private static byte[] Frame(IMessage message)
    {
        var payload = message.ToByteArray();
        var frame = new byte[HeaderLength + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, HeaderLength);
        return frame;
    }

    /// <summary>The one message of the answer, uncompressed; null when it is none.</summary>
    private static byte[]? Unframe(byte[] body) =>
        body.Length >= HeaderLength && body[0] == 0
        && BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(1)) == body.Length - HeaderLength
            ? body[HeaderLength..] : null;
}
