using Microsoft.AspNetCore.Http;

namespace ImSidecar.Grpc;

/// <summary>What a handler knows of its call besides the messages.</summary>
public sealed class GrpcContext
{
    internal GrpcContext(HttpContext http, DateTimeOffset? deadline, CancellationToken cancellation)
    {
        Http = http;
        Deadline = deadline;
        Cancellation = cancellation;
    }

    /// <summary>The HTTP/2 request underneath; its body and its response belong to the reader and the writer.</summary>
    public HttpContext Http { get; }

    /// <summary>"/service/method".</summary>
    public string Method => Http.Request.Path.Value ?? "";

    /// <summary>The request's metadata; values of names that end in "-bin" are base64.</summary>
    public IHeaderDictionary Metadata => Http.Request.Headers;

    /// <summary>When the client stops waiting; null if it set no deadline.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>Set when the client cancels or vanishes, at the deadline and, for streams, at host stop.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Address and port of the client, or "unix".</summary>
    public string Peer => GrpcHttp.Peer(Http);
}
