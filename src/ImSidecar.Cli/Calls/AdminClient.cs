using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace ImSidecar.Cli.Calls;

/// <summary>gRPC calls over the Unix socket of the sidecar; the gRPC package does not restore.</summary>
internal sealed class AdminClient : IDisposable
{
    public const string Admin = "imsidecar.v1.Admin";
    public const string Msrp = "imsidecar.v1.MsrpSwitch";

    private readonly string _socket;
    private readonly TimeSpan _patience;
    private readonly HttpClient _http;

    public AdminClient(string socket, TimeSpan patience)
    {
        (_socket, _patience) = (socket, patience);
        _http = new(new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            UseProxy = false,

            // A sidecar that stands still does not leave one who looks on waiting for ever.
            KeepAlivePingDelay = TimeSpan.FromSeconds(5),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        })
        {
            BaseAddress = new("http://imsidecar"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>One question, one answer, within the patience of the operator.</summary>
    public async Task<T> CallAsync<T>(
        string method, IMessage request, MessageParser<T> parser, CancellationToken cancellation,
        string service = Admin)
        where T : IMessage<T>
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(_patience);
        try
        {
            using var response = await SendAsync(service, method, request, late.Token);
            using var body = await response.Content.ReadAsStreamAsync(late.Token);
            var answer = await GrpcBody.ReadAsync(body, late.Token);
            if (answer is not null && await GrpcBody.ReadAsync(body, late.Token) is not null)
                throw Other();

            CheckStatus(response);
            return parser.ParseFrom(answer ?? throw Other());
        }
        catch (Exception failure) when (Explain(failure, cancellation) is { } explained)
        {
            throw explained;
        }
    }

    /// <summary>One question, and answers until the sidecar ends it or nobody waits any more.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        string method, IMessage request, MessageParser<T> parser,
        [EnumeratorCancellation] CancellationToken cancellation)
        where T : IMessage<T>
    {
        using var response = await BeginAsync(method, request, cancellation);
        using var body = await response.Content.ReadAsStreamAsync(cancellation);
        while (await NextAsync(response, body, parser, cancellation) is { } next)
            yield return next;
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> BeginAsync(string method, IMessage request, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(_patience);
        try
        {
            return await SendAsync(Admin, method, request, late.Token);
        }
        catch (Exception failure) when (Explain(failure, cancellation) is { } explained)
        {
            throw explained;
        }
    }

    private async Task<T?> NextAsync<T>(
        HttpResponseMessage response, Stream body, MessageParser<T> parser, CancellationToken cancellation)
        where T : IMessage<T>
    {
        try
        {
            if (await GrpcBody.ReadAsync(body, cancellation) is { } payload)
                return parser.ParseFrom(payload);

            CheckStatus(response);
            return default;
        }
        catch (Exception failure) when (Explain(failure, cancellation) is { } explained)
        {
            throw explained;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        string service, string method, IMessage request, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"/{service}/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(GrpcBody.Frame(request)),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        message.Headers.TE.Add(new("trailers"));
        var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation);
        var type = response.Content.Headers.ContentType?.MediaType ?? "";
        if (response.StatusCode == HttpStatusCode.OK && type.StartsWith("application/grpc", StringComparison.Ordinal))
            return response;

        response.Dispose();
        throw Other();
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
        var status = Find(response, "grpc-status") ?? throw Other();
        if (status != "0")
            throw new AdminException(Uri.UnescapeDataString(Find(response, "grpc-message") ?? "refused"), status switch
            {
                "3" => Failure.Usage,
                "5" => Failure.NotFound,
                _ => Failure.Refused,
            });
    }

    /// <summary>Null: that is none of ours.</summary>
    private AdminException? Explain(Exception failure, CancellationToken cancellation) => failure switch
    {
        OperationCanceledException when !cancellation.IsCancellationRequested => Unreachable(
            $"imsidecar at {_socket} does not answer within {_patience.TotalSeconds:0.###} s"),
        InvalidProtocolBufferException or InvalidDataException =>
            Unreachable($"what listens on {_socket} speaks another language"),
        HttpRequestException or IOException => Unreachable(
            $"imsidecar cannot be reached at {_socket}: {SocketProblem.Of(_socket, failure)}"),
        _ => null,
    };

    private AdminException Other() => Unreachable($"what listens on {_socket} is no imsidecar");

    private static AdminException Unreachable(string message) => new(message, Failure.Unreachable);

    private static string? Find(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var trailers) ? trailers.FirstOrDefault()
        : response.Headers.TryGetValues(name, out var headers) ? headers.FirstOrDefault() : null;
}
