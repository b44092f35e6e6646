using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Google.Protobuf;

namespace ImSidecar.Grpc;

/// <summary>A call of ours with streams both ways; one caller reads and one writes.</summary>
public sealed class GrpcCall<TRequest, TResponse> : IAsyncDisposable
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly HttpRequestMessage _request;
    private readonly GrpcRequestContent _content;
    private readonly Task<HttpResponseMessage> _sending;
    private readonly MessageParser<TResponse> _parser;
    private readonly int _maxMessageBytes;
    private readonly ArrayBufferWriter<byte> _frame = new();
    private HttpResponseMessage? _response;
    private PipeReader? _input;

    internal GrpcCall(
        HttpRequestMessage request, GrpcRequestContent content, Task<HttpResponseMessage> sending,
        MessageParser<TResponse> parser, int maxMessageBytes) =>
        (_request, _content, _sending, _parser, _maxMessageBytes) =
            (request, content, sending, parser, maxMessageBytes);

    /// <summary>Writes a message and sends it.</summary>
    public async ValueTask WriteAsync(TRequest message, CancellationToken cancellation)
    {
        // If there is no connection the request has failed, and says why.
        await Task.WhenAny(_content.Stream, _sending).WaitAsync(cancellation);
        if (!_content.Stream.IsCompleted)
            await _sending;

        var stream = await _content.Stream.WaitAsync(cancellation);
        _frame.ResetWrittenCount();
        GrpcFrame.WriteHeader(_frame, message.CalculateSize());
        message.WriteTo(_frame);
        await stream.WriteAsync(_frame.WrittenMemory, cancellation);
        await stream.FlushAsync(cancellation);
    }

    /// <summary>The next message; null at the end of a call that went well. Else GrpcStatusException says why.</summary>
    public async ValueTask<TResponse?> ReadAsync(CancellationToken cancellation)
    {
        var input = _input ??= await BeginAsync(cancellation);
        while (true)
        {
            var result = await input.ReadAsync(cancellation);
            var buffer = result.Buffer;
            if (GrpcFrame.TryRead(ref buffer, _maxMessageBytes, out var payload))
            {
                var message = _parser.ParseFrom(payload);
                input.AdvanceTo(buffer.Start);
                return message;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (!result.IsCompleted)
                continue;

            CheckStatus();
            return buffer.IsEmpty ? null
                : throw new GrpcStatusException(GrpcStatusCode.Internal, "The response ends within a message");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _content.Complete();
        if (_input is not null)
            await _input.CompleteAsync();
        _response?.Dispose();
        _request.Dispose();

        // Its failure was told, or nobody waits for it.
        _ = _sending.ContinueWith(sending => sending.Exception, TaskScheduler.Default);
    }

    private async Task<PipeReader> BeginAsync(CancellationToken cancellation)
    {
        _response = await _sending.WaitAsync(cancellation);
        if (!GrpcHttp.IsGrpc(_response.Content.Headers.ContentType?.ToString()))
            throw new GrpcStatusException(GrpcStatusCode.Unimplemented, "What listens there speaks no gRPC");

        return PipeReader.Create(await _response.Content.ReadAsStreamAsync(cancellation));
    }

    /// <summary>The status is in the trailers, or in the headers of an answer without a message.</summary>
    private void CheckStatus()
    {
        if (!int.TryParse(Find("grpc-status"), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            throw new GrpcStatusException(GrpcStatusCode.Unavailable, "The call ended without a status");

        if (code != (int)GrpcStatusCode.Ok)
            throw new GrpcStatusException((GrpcStatusCode)code, Uri.UnescapeDataString(Find("grpc-message") ?? ""));
    }

    private string? Find(string name) =>
        _response!.TrailingHeaders.TryGetValues(name, out var trailers) ? trailers.FirstOrDefault()
        : _response.Headers.TryGetValues(name, out var headers) ? headers.FirstOrDefault() : null;
}
