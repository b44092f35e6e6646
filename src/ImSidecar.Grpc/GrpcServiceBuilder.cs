using Google.Protobuf;

namespace ImSidecar.Grpc;

/// <summary>Collects the methods of one service.</summary>
public sealed class GrpcServiceBuilder
{
    private readonly string _service;
    private readonly List<GrpcMethod> _methods = [];

    internal GrpcServiceBuilder(string service) => _service = service;

    /// <summary>A longer request message is RESOURCE_EXHAUSTED; holds for the methods added after it is set.</summary>
    public int MaxMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// False: the host ends its streams itself when it stops. Holds for streams of both sides added after it is set.
    /// </summary>
    public bool EndsStreams { get; set; } = true;

    internal IReadOnlyList<GrpcMethod> Methods => _methods;

    public GrpcServiceBuilder Unary<TIn, TOut>(
        string method, MessageParser<TIn> parser, Func<TIn, GrpcContext, Task<TOut>> handler)
        where TIn : class, IMessage<TIn>
        where TOut : class, IMessage<TOut>
    {
        var limit = MaxMessageBytes;
        return Add(method, endsWhenHostStops: false, async context =>
        {
            var request = await new GrpcReader<TIn>(context, parser, limit).ReadSingleAsync();
            await new GrpcWriter<TOut>(context).WriteAsync(await handler(request, context));
        });
    }

    public GrpcServiceBuilder ServerStreaming<TIn, TOut>(
        string method, MessageParser<TIn> parser, Func<TIn, GrpcWriter<TOut>, GrpcContext, Task> handler)
        where TIn : class, IMessage<TIn>
        where TOut : class, IMessage<TOut>
    {
        var limit = MaxMessageBytes;
        return Add(method, endsWhenHostStops: true, async context =>
        {
            var request = await new GrpcReader<TIn>(context, parser, limit).ReadSingleAsync();
            await handler(request, new GrpcWriter<TOut>(context), context);
        });
    }

    public GrpcServiceBuilder ClientStreaming<TIn, TOut>(
        string method, MessageParser<TIn> parser, Func<GrpcReader<TIn>, GrpcContext, Task<TOut>> handler)
        where TIn : class, IMessage<TIn>
        where TOut : class, IMessage<TOut>
    {
        var limit = MaxMessageBytes;
        return Add(method, endsWhenHostStops: true, async context =>
        {
            var response = await handler(new GrpcReader<TIn>(context, parser, limit), context);
            await new GrpcWriter<TOut>(context).WriteAsync(response);
        });
    }

    public GrpcServiceBuilder Bidirectional<TIn, TOut>(
        string method, MessageParser<TIn> parser, Func<GrpcReader<TIn>, GrpcWriter<TOut>, GrpcContext, Task> handler)
        where TIn : class, IMessage<TIn>
        where TOut : class, IMessage<TOut>
    {
        var limit = MaxMessageBytes;
        return Add(method, EndsStreams, context =>
            handler(new GrpcReader<TIn>(context, parser, limit), new GrpcWriter<TOut>(context), context));
    }

    private GrpcServiceBuilder Add(string method, bool endsWhenHostStops, Func<GrpcContext, Task> invoke)
    {
        _methods.Add(new($"/{_service}/{method}", endsWhenHostStops, invoke));
        return this;
    }
}
