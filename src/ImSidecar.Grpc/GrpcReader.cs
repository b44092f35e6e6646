using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Microsoft.AspNetCore.Connections;

namespace ImSidecar.Grpc;

/// <summary>The messages of a call's request, in order; one caller at a time.</summary>
public sealed class GrpcReader<T>
    where T : class, IMessage<T>
{
    private readonly PipeReader _input;
    private readonly MessageParser<T> _parser;
    private readonly int _maxMessageBytes;
    private readonly CancellationToken _call;
    private ReadOnlySequence<byte> _buffer;
    private bool _holding;
    private bool _completed;

    internal GrpcReader(GrpcContext context, MessageParser<T> parser, int maxMessageBytes)
    {
        _input = context.Http.Request.BodyReader;
        _call = context.Cancellation;
        _parser = parser;
        _maxMessageBytes = maxMessageBytes;
    }

    /// <summary>The next message, or null after the client's last; ends with the call if no token is given.</summary>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellation = default)
    {
        T? message;
        while (!TryRead(out message))
        {
            if (_completed)
                return _buffer.IsEmpty ? null : throw Malformed("Request ends within a message");

            await FillAsync(cancellation.CanBeCanceled ? cancellation : _call);
        }

        return message;
    }

    /// <summary>A message that has already arrived; false when the next one has to be waited for.</summary>
    public bool TryRead([NotNullWhen(true)] out T? message)
    {
        message = null;
        if (!GrpcFrame.TryRead(ref _buffer, _maxMessageBytes, out var payload))
            return false;

        message = Parse(payload);
        return true;
    }

    public async IAsyncEnumerable<T> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (await ReadAsync(cancellation) is { } message)
            yield return message;
    }

    /// <summary>The one message of a method whose request is not a stream.</summary>
    internal async ValueTask<T> ReadSingleAsync()
    {
        if (await ReadAsync() is { } message && await ReadAsync() is null)
            return message;

        throw new GrpcStatusException(GrpcStatusCode.Unimplemented, "The method takes exactly one message");
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        try
        {
            if (_holding)
                _input.AdvanceTo(_buffer.Start, _buffer.End);

            _holding = false;
            _buffer = default;
            var result = await _input.ReadAsync(cancellation);
            _buffer = result.Buffer;
            _completed = result.IsCompleted;
            _holding = true;
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            // Kestrel may report the peer's end here before it sets the call's token.
            throw new GrpcStatusException(GrpcStatusCode.Cancelled, "The client reset the call");
        }
    }

    private T Parse(ReadOnlySequence<byte> payload)
    {
        try
        {
            return _parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException)
        {
            throw Malformed("Message is not a valid protocol buffer");
        }
    }

    private static GrpcStatusException Malformed(string message) => new(GrpcStatusCode.Internal, message);
}
