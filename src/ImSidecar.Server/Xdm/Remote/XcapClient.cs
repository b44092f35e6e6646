using System.Net;
using System.Net.Http.Headers;
using ImSidecar.Protocol.Xdm;

namespace ImSidecar.Server.Xdm.Remote;

/// <summary>One conditional GET of a whole document, RFC 4825 7.4 and 7.11.</summary>
internal sealed class XcapClient(XcapClientOptions options) : IDisposable
{
    private const int MaxTagLength = 256;

    private readonly HttpClient _http = XcapHttp.CreateClient(options);
    private readonly XcapAddress _address = new(options);

    /// <param name="tag">The tag of the document that we have; null for none.</param>
    public async Task<XcapAnswer> GetAsync(DocumentSelector selector, string? tag, CancellationToken cancellation)
    {
        if (_address.Of(selector) is not { } uri)
            return new DocumentAbsent();

        using var request = CreateRequest(selector, uri, tag);
        try
        {
            using var response = await _http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return await ReadAsync(response, tag, cancellation);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new XcapFailureException(XcapFailure.Unreachable, Reason(exception), exception);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            // A time limit of the HTTP client's own.
            throw new XcapFailureException(XcapFailure.Unreachable, "the XDMS does not answer in time", exception);
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage CreateRequest(DocumentSelector selector, Uri uri, string? tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (tag is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);

        var identity = options.AssertOwner && selector.User is { } owner ? owner : options.AssertedIdentity;
        if (identity.Length > 0)
        {
            // Nothing in it ends the quotes or the line.
            request.Headers.TryAddWithoutValidation(
                options.IdentityHeader, '"' + XcapEscape.Escape(identity) + '"');
        }

        return request;
    }

    private async Task<XcapAnswer> ReadAsync(HttpResponseMessage response, string? tag, CancellationToken cancellation)
    {
        var code = (int)response.StatusCode;
        return response.StatusCode switch
        {
            HttpStatusCode.OK => await ReadDocumentAsync(response, cancellation),
            HttpStatusCode.NotModified when tag is not null => new DocumentUnchanged(),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new DocumentAbsent(),
            HttpStatusCode.Unauthorized or HttpStatusCode.ProxyAuthenticationRequired =>
                throw new XcapFailureException(XcapFailure.Unauthorized, $"the XDMS does not know us ({code})"),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError =>
                throw new XcapFailureException(XcapFailure.Unreachable, $"the XDMS answered {code}"),
            _ => throw new XcapFailureException(XcapFailure.Refused, $"the XDMS answered {code}"),
        };
    }

    private async Task<XcapAnswer> ReadDocumentAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        // A page that a proxy or a portal shows instead is no document.
        if (!IsXml(response.Content.Headers.ContentType) || response.Content.Headers.ContentEncoding.Count > 0)
            throw new XcapFailureException(XcapFailure.Refused, "the XDMS answered with something that is not XML");

        try
        {
            await response.Content.LoadIntoBufferAsync(options.MaxDocumentBytes, cancellation);
        }
        catch (HttpRequestException exception)
            when (exception.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new XcapFailureException(
                XcapFailure.Unusable, $"the document has more than {options.MaxDocumentBytes} bytes", exception);
        }

        var content = await response.Content.ReadAsByteArrayAsync(cancellation);
        return new DocumentFound(Tag(response.Headers), content);
    }

    // As it came: what is no entity tag by the letter comes back to who wrote it.
    private static string? Tag(HttpResponseHeaders headers) =>
        headers.NonValidated.TryGetValues("ETag", out var values)
        && values.ToString() is { Length: > 0 and <= MaxTagLength } tag ? tag : null;

    private static bool IsXml(MediaTypeHeaderValue? type) =>
        type?.MediaType is { } name
        && (name.EndsWith("+xml", StringComparison.OrdinalIgnoreCase)
            || name.Equals("application/xml", StringComparison.OrdinalIgnoreCase)
            || name.Equals("text/xml", StringComparison.OrdinalIgnoreCase));

    private static string Reason(Exception exception) => exception is HttpRequestException http
        ? http.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "the name of the XDMS has no address",
            HttpRequestError.ConnectionError => "no connection to the XDMS",
            HttpRequestError.SecureConnectionError => "no TLS connection to the XDMS: its certificate or version",
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded =>
                "the XDMS does not speak HTTP as it should",
            _ => "the connection to the XDMS broke off",
        }
        : "the connection to the XDMS broke off";
}
