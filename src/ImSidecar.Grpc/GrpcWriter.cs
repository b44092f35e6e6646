using System.IO.Pipelines;
using Google.Protobuf;

namespace ImSidecar.Grpc;

/// <summary>The messages of a call's response, in order; one caller at a time.</summary>
public sealed class GrpcWriter<T>
    where T : class, IMessage<T>
{
    // Bounds what a caller can buffer for a client that does not read.
    private const int MaxUnflushedBytes = 64 * 1024;

    private readonly PipeWriter _output;
    private readonly CancellationToken _call;
    private int _unflushed;

    internal GrpcWriter(GrpcContext context)
    {
        _output = context.Http.Response.BodyWriter;
        _call = context.Cancellation;
    }

    /// <summary>Buffers the message; flushes only when much is buffered. End a batch with FlushAsync.</summary>
    public ValueTask WriteAsync(T message, CancellationToken cancellation = default)
    {
        var length = message.CalculateSize();
        GrpcFrame.WriteHeader(_output, length);
        message.WriteTo(_output);
        _unflushed += GrpcFrame.HeaderLength + length;

        return _unflushed < MaxUnflushedBytes ? ValueTask.CompletedTask : FlushAsync(cancellation);
    }

    /// <summary>Sends what is buffered and waits while the client does not read.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation = default)
    {
        var ended = cancellation.CanBeCanceled ? cancellation : _call;

        // Kestrel resets the stream of a cancelled flush, and the client would not see the call's status.
        ended.ThrowIfCancellationRequested();
        _unflushed = 0;

        var result = await _output.FlushAsync(ended);
        if (result.IsCompleted)
            throw new GrpcStatusException(GrpcStatusCode.Cancelled, "The client is gone");
    }
}
