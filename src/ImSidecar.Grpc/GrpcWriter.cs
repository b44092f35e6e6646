using System.IO.Pipelines;
using Google.Protobuf;

namespace ImSidecar.Grpc;

/// <summary>The messages of a call's response, in order; one caller at a time.</summary>
public sealed class GrpcWriter<T>
    where T : class, IMessage<T>
{
    // Bounds what a caller can buffer for a client that does not read.
    private const int MaxUnflushedBytes = 64 * 1024;

    private readonly PipeWriter output;
    private readonly CancellationToken call;
    private int unflushed;

    internal GrpcWriter(GrpcContext context)
    {
        output = context.Http.Response.BodyWriter;
        call = context.Cancellation;
    }

    /// <summary>Buffers the message; flushes only when much is buffered. End a batch with FlushAsync.</summary>
    public ValueTask WriteAsync(T message, CancellationToken cancellation = default)
    {
        var length = message.CalculateSize();
        GrpcFrame.WriteHeader(output, length);
        message.WriteTo(output);
        unflushed += GrpcFrame.HeaderLength + length;

        return unflushed < MaxUnflushedBytes ? ValueTask.CompletedTask : FlushAsync(cancellation);
    }

    /// <summary>Sends what is buffered and waits while the client does not read.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation = default)
    {
        var ended = cancellation.CanBeCanceled ? cancellation : call;

        // Kestrel resets the stream of a cancelled flush, and the client would not see the call's status.
        ended.ThrowIfCancellationRequested();
        unflushed = 0;

        var result = await output.FlushAsync(ended);
        if (result.IsCompleted)
            throw new GrpcStatusException(GrpcStatusCode.Cancelled, "The client is gone");
    }
}
