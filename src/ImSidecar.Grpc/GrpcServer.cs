using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ImSidecar.Grpc;

/// <summary>Runs calls: deadline and cancellation around the handler, its outcome as the status.</summary>
internal sealed class GrpcServer(ILogger<GrpcServer> logger, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan _longestTimer = TimeSpan.FromMilliseconds(int.MaxValue);

    private int _fallbackMapped;

    /// <summary>True once: the endpoint for unknown methods is one for the whole server.</summary>
    public bool ClaimFallback() => Interlocked.Exchange(ref _fallbackMapped, 1) == 0;

    public static Task RefuseUnknownAsync(HttpContext http)
    {
        if (!GrpcHttp.TryAccept(http))
            return Task.CompletedTask;

        GrpcHttp.AppendStatus(http.Response, new(GrpcStatusCode.Unimplemented, "Unknown service or method"));
        return Task.CompletedTask;
    }

    public async Task RunAsync(HttpContext http, GrpcMethod method)
    {
        if (!GrpcHttp.TryAccept(http))
            return;

        if (!TryReadTimeout(http.Request, out var timeout))
        {
            GrpcHttp.AppendStatus(http.Response, new(GrpcStatusCode.Internal, "Malformed grpc-timeout"));
            return;
        }

        var status = await RunAsync(http, method, timeout);
        Log.CallEnded(logger, method.Path, GrpcHttp.Peer(http), status.Code, status.Message);
        GrpcHttp.AppendStatus(http.Response, status);
    }

    private async Task<GrpcStatus> RunAsync(HttpContext http, GrpcMethod method, TimeSpan? timeout)
    {
        var deadline = timeout is { } span ? time.GetUtcNow() + span : (DateTimeOffset?)null;
        using var expiry = new CancellationTokenSource(timeout ?? Timeout.InfiniteTimeSpan, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted,
            expiry.Token,
            method.EndsWhenHostStops ? lifetime.ApplicationStopping : CancellationToken.None);

        try
        {
            // The client takes the initial metadata as the sign that it is attached.
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            ended.Token.ThrowIfCancellationRequested();
            await method.InvokeAsync(new GrpcContext(http, deadline, ended.Token));
            return GrpcStatus.Ok;
        }
        catch (GrpcStatusException exception)
        {
            return exception.Status;
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return WhyEnded(http, expiry);
        }
#pragma warning disable CA1031 // The one place where a handler's failure ends.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.HandlerFailed(logger, method.Path, exception);
            return new(GrpcStatusCode.Internal, "Internal error");
        }
    }

    private static GrpcStatus WhyEnded(HttpContext http, CancellationTokenSource expiry)
    {
        if (http.RequestAborted.IsCancellationRequested)
            return new(GrpcStatusCode.Cancelled, "The client is gone");

        if (expiry.IsCancellationRequested)
            return new(GrpcStatusCode.DeadlineExceeded, "Deadline exceeded");

        return new(GrpcStatusCode.Unavailable, "The server is stopping");
    }

    private static bool TryReadTimeout(HttpRequest request, out TimeSpan? timeout)
    {
        timeout = null;
        if (!request.Headers.TryGetValue(GrpcTimeout.HeaderName, out var header))
            return true;

        if (!GrpcTimeout.TryParse(header.ToString(), out var parsed))
            return false;

        timeout = parsed < _longestTimer ? parsed : _longestTimer;
        return true;
    }
}
