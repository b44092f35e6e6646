using ImSidecar.Protocol.Xdm;
using ImSidecar.Server.Stores;
using ImSidecar.Server.Xdm.Embedded.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Kestrel = Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ImSidecar.Server.Xdm.Embedded;

/// <summary>The door of the embedded XDMS, RFC 4825 8: who asks, for what, and may he.</summary>
internal sealed class XcapServer(
    CallerIdentity identity,
    XcapAccess access,
    EmbeddedDocuments documents,
    GeneratedDocuments generated,
    XcapReading reading,
    XcapWriting writing,
    XcapMetrics metrics,
    IOptions<XcapServerOptions> options,
    ILogger<XcapServer> logger)
{
    private const string Reading = "GET, HEAD";
    private const string ReadingOrDeletion = "GET, HEAD, DELETE";
    private const string All = "GET, HEAD, PUT, DELETE";
    private const int Pause = 5;

    // Who sends its body or reads its answer more slowly would keep others out.
    private static readonly Kestrel.MinDataRate _slowest =
        new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    private readonly string _root = options.Value.RootUri!.AbsolutePath;
    private int _inWork;

    public async Task HandleAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } response)
            response.MinDataRate = _slowest;
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } request)
            request.MinDataRate = _slowest;

        try
        {
            var isTooMuch = Interlocked.Increment(ref _inWork) > options.Value.MaxRequests;
            var answer = isTooMuch ? XcapAnswer.Unavailable(seconds: 1) : await GuardedAsync(http);
            metrics.Answered(answer.Status);
            await answer.WriteAsync(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; what it began to write is written.
        }
        finally
        {
            Interlocked.Decrement(ref _inWork);
        }
    }

    private async Task<XcapAnswer> GuardedAsync(HttpContext http)
    {
        try
        {
            return await AnswerAsync(http, http.RequestAborted);
        }
        catch (BadHttpRequestException error)
        {
            return XcapAnswer.Of(error.StatusCode, "The request cannot be read");
        }
        catch (TimeoutException)
        {
            return XcapAnswer.Unavailable(seconds: 1);
        }
        catch (StoreUnavailableException)
        {
            // The store says so itself, once.
            return XcapAnswer.Unavailable(Pause);
        }
        catch (SqliteException error)
        {
            Log.XcapStoreFails(logger, error.Message);
            return XcapAnswer.Unavailable(Pause);
        }
    }

    private async Task<XcapAnswer> AnswerAsync(HttpContext http, CancellationToken cancellation)
    {
        // As it was sent: what Kestrel made of it has lost which slash was one.
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var (caller, refusal) = identity.Of(http, target);
        if (caller is null)
            return refusal!;

        if (!TryCutRoot(target, out var path))
            return XcapAnswer.NotFound;

        var result = XcapUri.Parse(path, out var uri);
        if (result == XcapUriResult.Malformed)
            return XcapAnswer.Of(StatusCodes.Status400BadRequest, "The URI is no XCAP URI");

        if (result != XcapUriResult.Ok || XcapUsages.Find(uri.Document.Auid) is not { } usage)
            return XcapAnswer.NotFound;

        if (!XcapConditions.TryRead(http.Request.Headers, out var conditions))
            return XcapAnswer.Of(StatusCodes.Status400BadRequest, "If-Match and If-None-Match hold ETags");

        return await DispatchAsync(new(http, caller, usage, uri, conditions), cancellation);
    }

    private async Task<XcapAnswer> DispatchAsync(XcapRequest request, CancellationToken cancellation)
    {
        var method = request.Http.Request.Method;
        var isReading = HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
        var selector = request.Uri.Document;
        var isReadOnly = selector.IsGlobal || request.Usage.IsGenerated || request.Uri.Node?.SelectsNamespaces == true;
        var mayBeDeleted = request.Usage.MayBeDeleted && request.Uri.Node?.SelectsNamespaces != true;
        var isDeletion = HttpMethods.IsDelete(method);
        if (!isReading
            && (isReadOnly ? !(mayBeDeleted && isDeletion) : !(HttpMethods.IsPut(method) || isDeletion)))
            return XcapAnswer.NotAllowed(!isReadOnly ? All : mayBeDeleted ? ReadingOrDeletion : Reading);

        var isAllowed = isReading
            ? await MayReadAsync(request, cancellation)
            : access.MayWrite(request.Caller, request.Usage, selector);
        if (!isAllowed)
        {
            Log.XcapRefused(logger, method, selector.Auid, request.Caller.Identities[0]);
            return XcapAnswer.Of(StatusCodes.Status403Forbidden, "Not yours");
        }

        if (isReading)
            return await reading.GetAsync(request, cancellation);

        if (request.Usage.IsGenerated)
            return await generated.DeleteAsync(request, cancellation);

        return HttpMethods.IsPut(method)
            ? await writing.PutAsync(request, cancellation)
            : await writing.DeleteAsync(request, cancellation);
    }

    private async ValueTask<bool> MayReadAsync(XcapRequest request, CancellationToken cancellation)
    {
        var selector = request.Uri.Document;
        if (selector.GroupKey is { } key)
            return access.MayLookUp(request.Caller, key, await documents.FindAsync(selector, cancellation));

        return selector.IsGlobal || access.IsOwner(request.Caller, selector);
    }

    // An absolute URI is allowed too, RFC 9112 3.2.2.
    private bool TryCutRoot(string target, out ReadOnlySpan<char> path)
    {
        path = target;
        var scheme = path.IndexOf("://");
        if (!path.StartsWith('/') && scheme >= 0)
        {
            path = path[(scheme + 3)..];
            var slash = path.IndexOf('/');
            path = slash < 0 ? [] : path[slash..];
        }

        if (!path.StartsWith(_root, StringComparison.Ordinal))
            return false;

        path = path[_root.Length..];
        return true;
    }
}

/// <summary>What is asked of a document, or of a node in it, whoever asks.</summary>
internal record DocumentRequest(XcapUsage Usage, XcapUri Uri, XcapConditions Conditions);

/// <summary>One request by somebody who is known, for something that has the form of a document.</summary>
internal sealed record XcapRequest(
    HttpContext Http, XcapCaller Caller, XcapUsage Usage, XcapUri Uri, XcapConditions Conditions)
    : DocumentRequest(Usage, Uri, Conditions);
